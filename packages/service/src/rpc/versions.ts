import { protocolVersion, type User } from '@underpass/protocol';
import { z } from 'zod';

import { fail } from '../serviceError.js';
import { version } from '../version.js';

/** What the `initialize` of every version has, past and to come. */
const introduction = z.looseObject({
  protocolVersion: z.int(),
  client: z.looseObject({ version: z.string().optional() })
});

/**
 * Refuse the `initialize` of a client that speaks another protocol, and say who has to do what. Where nobody else
 * uses this service, clients make it end and start their own (`detail.usedBy` is empty then).
 * @throws ServiceError `protocol-version`
 */
export function refuseForeign(params: unknown, usedBy: readonly User[]): void {
  const { data } = introduction.safeParse(params);
  if (!data || data.protocolVersion === protocolVersion) {
    return;
  }
  const serviceIsNewer = protocolVersion > data.protocolVersion;
  const theirs = data.client.version;
  const client = theirs ? `underpass ${theirs}` : 'another underpass';
  const users = usedBy.map(({ name }) => name).join(', ');
  throw fail(
    'protocol-version',
    'request',
    `The tunnel service that runs is of underpass ${version} (protocol ${protocolVersion}), and this is ${client} (protocol ${data.protocolVersion}): ${serviceIsNewer ? 'the service' : 'this'} is newer. ${users ? `The service is in use by: ${users}.` : 'Nobody uses the service.'}`,
    serviceIsNewer
      ? `Upgrade here: pip install --upgrade "underpass>=${version}"`
      : `Upgrade there${theirs ? ` (pip install --upgrade "underpass>=${theirs}")` : ''} and start it again. Or end the older service, which interrupts them: underpass stop`,
    {
      serviceVersion: version,
      protocolVersion,
      clientVersion: theirs ?? null,
      clientProtocolVersion: data.protocolVersion,
      newer: serviceIsNewer ? 'service' : 'client',
      pid: process.pid,
      usedBy: usedBy.map(({ kind, name }) => ({ kind, name }))
    }
  );
}
