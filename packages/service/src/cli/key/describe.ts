/**
 * What is said of the workspace's key.
 */
import type { KeyBastion, WorkspaceKeyDescription } from '@underpass/protocol';

import { hostPort } from '../../address.js';

/** As ssh is told it. */
export function nameOf({
  user,
  ...address
}: Pick<KeyBastion, 'user' | 'host' | 'port'>): string {
  return `${user}@${hostPort(address)}`;
}

const sources = {
  made: 'made here',
  imported: 'imported',
  file: 'given by UNDERPASS_PRIVATE_KEY_FILE'
};

export function describe(key: WorkspaceKeyDescription): string[] {
  const source = [sources[key.source], ...(key.path ? [key.path] : [])];
  return [
    key.publicKey,
    '',
    `Fingerprint: ${key.fingerprint}`,
    `Origin: ${source.join(', ')}`,
    ...describeBastions(key)
  ];
}

/** What the bastions have to do with it. */
export function describeBastions({
  bastions,
  previous
}: WorkspaceKeyDescription): string[] {
  return [
    ...(previous
      ? [
          '',
          `The previous key ${previous.fingerprint} is still used where the new one is not known:`,
          ...(previous.bastions.length > 0
            ? previous.bastions.map(bastion => `  ${nameOf(bastion)}`)
            : ['  no integration uses a bastion now']),
          'It is deleted when the new one has logged in everywhere, or by: underpass key rotate --finish'
        ]
      : []),
    ...bastions.flatMap(bastion => [
      '',
      `${nameOf(bastion)}, for ${bastion.integrations.join(', ')}: ${
        bastion.loggedInAt
          ? `let this key in at ${bastion.loggedInAt}`
          : 'has not let this key in yet'
      }`,
      'In its authorized_keys, allowing these forwards and nothing else:',
      bastion.authorizedKeys
    ])
  ];
}
