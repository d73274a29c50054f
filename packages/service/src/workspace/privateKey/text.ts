/** The text of a key file: editors of Windows also write UTF-16. */
export function decodeText(bytes: Buffer): string {
  return bytes[0] === 0xff && bytes[1] === 0xfe
    ? bytes.toString('utf16le')
    : bytes.toString('utf8');
}
