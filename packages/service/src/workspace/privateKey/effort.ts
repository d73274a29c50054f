/**
 * How long a file may keep us busy with a passphrase: it names the number of rounds itself, up to billions, and all
 * of them are run in the thread that serves everybody.
 */

/** The most of each, some seconds' worth. Programs write 16 rounds, about 20 passes of 8 MiB, and 2048 iterations. */
const most = {
  bcryptRounds: 128,
  argon2Kibibytes: 512 * 1024,
  pkcs8Iterations: 2_000_000,
  pkcs8Product: 2 ** 26
};

const integerTag = 0x02;
const constructed = 0x20;

export function isTooManyRounds(rounds: number): boolean {
  return rounds > most.bcryptRounds;
}

/** @param memory KiB */
export function isTooMuchArgon2(memory: number, passes: number): boolean {
  return memory * passes > most.argon2Kibibytes;
}

/**
 * Of an encrypted PKCS#8 file; the numbers in it are iterations, a key's length, or what scrypt is to cost.
 * @throws RangeError if it is none
 */
export function isTooMuchPkcs8(pem: string): boolean {
  const [, body = ''] =
    /^-----BEGIN [^\n]*\n([A-Za-z0-9+/=\s]+)-----END /.exec(pem) ?? [];
  const numbers = integersOf(Buffer.from(body, 'base64'));
  if (numbers.length === 0) {
    throw new RangeError('It says nothing of its iterations');
  }
  return (
    numbers.some(number => number > most.pkcs8Iterations) ||
    numbers.reduce((product, number) => product * Math.max(number, 1), 1) >
      most.pkcs8Product
  );
}

/** All integers in DER, from the outside in. */
function integersOf(der: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der.readUInt8(at);
    const { length, start } = lengthAt(der, at + 1);
    const content = der.subarray(start, start + length);
    if (content.length !== length) {
      throw new RangeError('The bytes end within a value');
    }
    if (tag === integerTag) {
      found.push(Number(`0x0${content.toString('hex')}`));
    } else if (tag & constructed) {
      found.push(...integersOf(content));
    }
    at = start + length;
  }
  return found;
}

/** Of the content, and where that starts. */
function lengthAt(der: Buffer, at: number): { length: number; start: number } {
  const first = der.readUInt8(at);
  if (first < 0x80) {
    return { length: first, start: at + 1 };
  }
  // Without the number of bytes (0x80) the length is indefinite, which DER does not have.
  const bytes = first - 0x80;
  return {
    length: der.readUIntBE(at + 1, bytes),
    start: at + 1 + bytes
  };
}
