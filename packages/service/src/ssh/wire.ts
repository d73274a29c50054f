/**
 * The data types of the SSH protocol (RFC 4251, 5), as far as keys are made of them.
 */

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A string: its length, then its bytes. */
export function field(bytes: Buffer): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

export function text(value: string): Buffer {
  return field(Buffer.from(value));
}

/** A number that is not negative: as short as it can be, with a zero byte before a set highest bit. */
export function mpint(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) {
    start++;
  }
  const short = bytes.subarray(start);
  return field(
    ((short[0] ?? 0) & 0x80) === 0
      ? short
      : Buffer.concat([Buffer.alloc(1), short])
  );
}

/** Reads one field after the other. */
export class WireReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** @throws RangeError where the bytes end too early, as do the others */
  uint32(): number {
    const value = this.bytes.readUInt32BE(this.at);
    this.at += 4;
    return value;
  }

  field(): Buffer {
    const length = this.uint32();
    return this.take(length);
  }

  text(): string {
    return this.field().toString();
  }

  take(length: number): Buffer {
    if (this.at + length > this.bytes.length) {
      throw new RangeError('The bytes end within a field');
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}
