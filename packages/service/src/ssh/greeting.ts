/**
 * What a server says before anything is encrypted: who it is, and what it can agree to. Read beside ssh2, which keeps
 * it to itself, and within bounds: whoever answers has proven nothing yet.
 */

import { printable } from './printable.js';

/** Bytes of lines before the identification, and of the first packet (RFC 4253, 6.1: at least 35000). */
const longestPreamble = 16 * 1024;
const longestPacket = 64 * 1024;
const keyExchangeInit = 20;
const cookie = 16;

/** Algorithms of one kind each, in the server's order. */
export interface Offers {
  keyExchange: string[];
  hostKey: string[];
  cipher: string[];
  mac: string[];
}

/** Who answers, as far as it can be told from what was said. */
export type Speaker =
  | { kind: 'nobody' }
  /** Speaks SSH, of a version that is not spoken any more. */
  | { kind: 'ssh-1'; software: string }
  | { kind: 'ssh'; software: string; offers?: Offers }
  /** An SSH server that wants no more connections for now, in its own words. */
  | { kind: 'busy'; words: string }
  | { kind: 'other'; what?: string; words?: string };

/** First bytes of servers that people confuse with their bastion. */
const others: [what: string, beginning: RegExp][] = [
  ['an HTTP server', /^HTTP\/\d/],
  // Alerts and handshakes, of any version.

  ['a server that expects TLS', /^[\x15\x16]\x03[\x00-\x04]/],
  // A packet with number 0, which begins with the version 10 of the protocol, or with an error.

  ['a MySQL or MariaDB server', /^[^]{2}\x00\x00[\x0a\xff]/],
  ['a Redis server', /^-(?:ERR|NOAUTH|DENIED)\b/],

  ['an SMTP or FTP server', /^(?:220|421|554)[ -]/],
  ['a PostgreSQL server', /^E[^]{4}SFATAL/]
];

/** OpenSSH's words before it greets: since 8.5, and since 9.8 for addresses that misbehaved. */
const busy = /^(?:Exceeded MaxStartups|Not allowed at this time)/;

export class Greeting {
  private seen = Buffer.alloc(0);
  private offers: Offers | undefined;
  private identification: { line: string; end: number } | undefined;
  /** Nothing more is of interest. */
  complete = false;

  /** @returns false once it is clear that this is no SSH server, or one that never comes to the point */
  feed(chunk: Buffer): boolean {
    if (this.complete) {
      return true;
    }
    const limit = this.identification ? longestPacket : longestPreamble;
    this.seen = Buffer.concat([this.seen, chunk.subarray(0, limit)]);
    this.identification ??= this.identify();
    if (!this.identification) {
      return this.seen.length < longestPreamble && !this.isBinaryOrHttp();
    }
    this.offers = this.readOffers(this.identification.end);
    this.complete =
      this.offers !== undefined || this.seen.length > longestPacket;
    if (this.complete) {
      this.seen = Buffer.alloc(0);
    }
    return true;
  }

  get speaker(): Speaker {
    if (this.identification) {
      const match = /^SSH-([\d.]+)-(.*)$/.exec(this.identification.line);
      const [, version = '', software = ''] = match ?? [];
      return version === '2.0' || version === '1.99'
        ? {
            kind: 'ssh',
            software,
            ...(this.offers ? { offers: this.offers } : {})
          }
        : { kind: 'ssh-1', software };
    }
    if (this.seen.length === 0) {
      return { kind: 'nobody' };
    }
    const text = this.seen.toString('latin1');
    const words = printable(text);
    if (busy.test(text)) {
      return { kind: 'busy', words };
    }
    const what = others.find(([, beginning]) => beginning.test(text))?.[0];
    return {
      kind: 'other',
      ...(what === undefined ? {} : { what }),
      ...(words === '' ? {} : { words })
    };
  }

  /** Other lines may stand before the identification (RFC 4253, 4.2), so words alone decide nothing. */
  private isBinaryOrHttp(): boolean {
    const text = this.seen.toString('latin1', 0, 16);

    return /^HTTP\/\d|^[^\r\n]*[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
  }

  private identify(): { line: string; end: number } | undefined {
    const text = this.seen.toString('latin1');
    const match = /(?:^|\n)(SSH-[^\r\n]*)\r?\n/.exec(text);
    return match?.[1] === undefined
      ? undefined
      : {
          line: printable(match[1]),
          end: match.index + match[0].length
        };
  }

  private readOffers(start: number): Offers | undefined {
    const packet = this.seen.subarray(start);
    if (packet.length < 6 || packet.length < packet.readUInt32BE(0) + 4) {
      return undefined;
    }
    if (packet[5] !== keyExchangeInit) {
      return undefined;
    }
    try {
      let at = 6 + cookie;
      const list = () => {
        const length = packet.readUInt32BE(at);
        const names = packet.toString('latin1', at + 4, at + 4 + length);
        at += 4 + length;
        return names.split(',').filter(Boolean).map(printable);
      };
      const [keyExchange, hostKey, cipher] = [list(), list(), list()];
      list();
      return { keyExchange, hostKey, cipher, mac: list() };
    } catch {
      return undefined;
    }
  }
}
