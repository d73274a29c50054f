/**
 * Why a bastion did not open a channel. RFC 4254 has four reasons; which of the many ends of "connect failed" it was
 * stands only in the words of the bastion's operating system, which are read here and nowhere else.
 */
import type { FailureCode } from '@underpass/protocol';

import { hostPort } from '../address.js';
import { fail } from '../serviceError.js';
import { printable } from './printable.js';

/** RFC 4254, 5.1. */
const reasons = {
  prohibited: 1,
  connectFailed: 2,
  unknownType: 3,
  shortage: 4
};

/** From glibc, musl, macOS and the BSDs, and Go's SSH servers. */
const words: [pattern: RegExp, code: FailureCode][] = [
  [
    /name or service not known|name resolution|name does not resolve|nodename nor servname|no address associated|no such host|unknown host|could not resolve|temporary failure in name/i,
    'forward-name-not-found'
  ],
  [/refused/i, 'forward-refused'],
  [/timed out|timeout/i, 'forward-timed-out'],
  // OpenSSH's last words, where its system refused without a try: there is no route.
  [/no route|unreachable|host is down|^open failed$/i, 'forward-unreachable']
];

const fixes: { [code in FailureCode]?: string } = {
  'forward-name-not-found':
    'Give the name that the bastion knows; it may not use the DNS of this machine. An address works, too.',
  'forward-refused':
    'Check the port, that the server runs, and that it listens for others than its own machine.',
  'forward-timed-out':
    'Check the host, and that a firewall or security group lets the bastion through to that port.',
  'forward-unreachable':
    'Check the address: the bastion has no way to that network. Its log says more.',
  'forward-failed': 'Look into the log of the SSH server.'
};

const sentences: { [code in FailureCode]?: (target: string) => string } = {
  'forward-name-not-found': target =>
    `The bastion can not resolve the name in ${target}`,
  'forward-refused': target =>
    `Nothing listens on ${target}: it refused the bastion`,
  'forward-timed-out': target => `${target} did not answer the bastion`,
  'forward-unreachable': target => `The bastion can not reach ${target}`,
  'forward-failed': target => `The bastion could not connect to ${target}`
};

export function openFailure(error: Error, host: string, port: number): Error {
  const { reason } = error as Error & { reason?: number };
  const target = hostPort({ host, port });
  const server = plain(error.message);
  const detail = { target, server };
  switch (reason) {
    case reasons.prohibited:
      return fail(
        'forward-prohibited',
        'forward',
        `The bastion does not allow forwarding to ${target}. It does not say whether all forwarding is off or only this target.`,
        `Two things must allow it there: AllowTcpForwarding yes (or local), and ${target} in PermitOpen of sshd_config and in permitopen="…" of the key's line, where these list targets.`,
        detail
      );
    case reasons.unknownType:
      return fail(
        'forward-unsupported',
        'forward',
        'The SSH server does not know forwarding of TCP connections.',
        'Use another SSH server as the bastion.',
        detail
      );
    case reasons.shortage:
      return fail(
        'forward-limit',
        'forward',
        `The bastion has no room for another channel: ${server}.`,
        'Close some connections, or have its administrator raise the limit.',
        detail
      );
    case reasons.connectFailed: {
      const code =
        words.find(([pattern]) => pattern.test(server))?.[1] ??
        'forward-failed';
      return fail(
        code,
        'forward',
        `${sentences[code]?.(target) ?? target}${server ? ` (${server})` : ''}.`,
        fixes[code] ?? '',
        detail
      );
    }
    default:
      return fail(
        'forward-failed',
        'forward',
        `The bastion did not open a forward to ${target}: ${server}.`,
        'Try again; look into the log of the SSH server if it stays so.',
        detail
      );
  }
}

/** The bastion did not answer the request for a channel: it may still be dialling. */
export function openTimedOut(host: string, port: number): Error {
  const target = hostPort({ host, port });
  return fail(
    'forward-timed-out',
    'forward',
    `The bastion did not say in time whether it can reach ${target}.`,
    fixes['forward-timed-out'] ?? '',
    { target }
  );
}

/** ssh2 writes something in front; a bastion's own words may hold anything. */
function plain(text: string): string {
  return printable(text.replace(/^\(SSH\) Channel open failure: /, '')).replace(
    /\.$/,
    ''
  );
}
