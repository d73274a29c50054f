import {
  type Failure,
  failureCodes,
  type Json,
  jsonSchema,
  type Ready,
  type Stage,
  stages
} from '@underpass/protocol';
import { z } from 'zod';

import type { HostAndPort } from '../address.js';
import { asFailure, fail, ServiceError } from '../serviceError.js';
import { type Certificate, describeCertificate } from './certificate.js';
import { ProbeProcess, type Python } from './probeProcess.js';
import { position, type Record } from './record.js';

/** Milliseconds without a word of the probe's, its start included. */
const patience = 60_000;
/** Milliseconds for the driver to take its leave when all has passed. */
const farewell = 2_000;
/** Servers that one test may ask for beside the integration's own. */
const mostPeers = 64;

const databaseStages = ['tls', 'login', 'query'] as const;
const stage = z.enum(databaseStages);
const failure = z.object({
  code: z.enum(failureCodes).catch('internal'),
  stage: z.enum([...stages, 'request']),
  message: z.string(),
  fix: z.string(),
  detail: z.record(z.string(), jsonSchema).optional()
});

/** What `python -m underpass.probe` says, a line each. */
const line = z.union([
  z.object({ stage, state: z.literal('began') }),
  z.object({
    stage,
    state: z.literal('passed'),
    /** null: not told from the next one. */
    milliseconds: z.number().nullable(),
    message: z.string().optional(),
    detail: z.record(z.string(), jsonSchema).optional(),
    /** DER in Base64. */
    certificate: z.string().optional()
  }),
  z.object({
    stage,
    state: z.literal('failed'),
    milliseconds: z.number(),
    failure,
    certificate: z.string().optional()
  }),
  z.object({ peer: z.object({ host: z.string(), port: z.int() }) })
]);

export interface ProbeOptions {
  python: Python;
  ready: Ready;
  until: Stage;
}

/**
 * Have the driver log in and run a query, in the Python that has it.
 * @param peer a forward to a further server, where the type has such
 * @throws ServiceError at the stage that the record is at
 */
export async function runProbe(
  { python, ready, until }: ProbeOptions,
  peer: ((address: HostAndPort) => Promise<HostAndPort>) | undefined,
  record: Record,
  signal: AbortSignal
): Promise<void> {
  signal.throwIfAborted();
  const child = new ProbeProcess(python, [
    '-m',
    'underpass.probe',
    '--until',
    until
  ]);
  let peers = 0;
  let expired = false;
  let isThrough = false;
  const expire = () => {
    expired = true;
    child.kill();
  };
  let timer = setTimeout(expire, patience);
  const expireIn = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(expire, milliseconds);
  };
  const aborted = () => child.kill();
  signal.addEventListener('abort', aborted, { once: true });
  record.begin('tls');
  try {
    child.say(ready);
    for await (const text of child.lines()) {
      const said = isThrough ? undefined : parse(text);
      if (!said) {
        continue;
      }
      expireIn(patience);
      if ('peer' in said) {
        peers += 1;
        child.say(
          peer && peers <= mostPeers
            ? await answer(peer(said.peer))
            : { failure: noPeers(said.peer) }
        );
      } else {
        note(said, record);
        if (reached(record, until)) {
          isThrough = true;
          expireIn(farewell);
        }
      }
    }
    if (isThrough) {
      return;
    }
    const end = await child.ended;
    signal.throwIfAborted();
    if (expired) {
      throw timedOut(record);
    }
    throw broken(python.program, ready, end, child.lastWords);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
    await child.close();
  }
}

type Said = z.infer<typeof line>;

/** Drivers print to wherever they like: what is not ours is passed over. */
function parse(text: string): Said | undefined {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function note(said: Exclude<Said, { peer: unknown }>, record: Record): void {
  if (record.atWork !== said.stage) {
    record.begin(said.stage);
  } else if (said.state === 'began') {
    // The driver had to be loaded first.
    record.restart();
  }
  if (said.state === 'failed') {
    throw new ServiceError(withCertificate(said.failure, said.certificate));
  }
  if (said.state === 'passed') {
    record.found(said.message);
    const certificate = describeCertificate(said.certificate);
    const detail: { [key: string]: Json } = {
      ...said.detail,
      ...(certificate ? { certificate } : {})
    };
    record.pass(
      said.milliseconds,
      Object.keys(detail).length > 0 ? detail : undefined
    );
  }
}

function withCertificate(
  { detail, ...rest }: z.infer<typeof failure>,
  der: string | undefined
): Failure {
  const certificate = describeCertificate(der);
  const more = { ...detail, ...(certificate ? { certificate } : {}) };
  return {
    ...rest,
    message: [rest.message, ...lines(rest.code, certificate)].join(' '),
    ...(Object.keys(more).length > 0 ? { detail: more } : {})
  };
}

/** What the certificate itself adds to what is wrong with it. */
function lines(code: string, certificate?: Certificate): string[] {
  if (!certificate) {
    return [];
  }
  const { names, from, until } = certificate;
  switch (code) {
    case 'tls-name-mismatch':
      return names.length > 0 ? [`It is for ${names.join(', ')}.`] : [];
    case 'tls-expired':
      return [`It was valid until ${until}.`];
    case 'tls-not-yet-valid':
      return [`It is valid from ${from} on.`];
    default:
      return [];
  }
}

async function answer(
  endpoint: Promise<HostAndPort>
): Promise<{ endpoint: HostAndPort } | { failure: Failure }> {
  try {
    return { endpoint: await endpoint };
  } catch (error) {
    return { failure: asFailure(error) };
  }
}

function noPeers({ host, port }: HostAndPort): Failure {
  return fail(
    'forward-refused',
    'forward',
    `${host}:${port} is not behind this tunnel and was not dialled.`,
    'Use an integration that leads there.'
  ).failure;
}

/** Whether the last stage that was asked for has been passed. */
function reached(record: Record, until: Stage): boolean {
  const { stages: results, current } = record.report();
  const last = results.at(-1);
  return (
    !current && last !== undefined && position(last.stage) >= position(until)
  );
}

function timedOut(record: Record): Error {
  const at = record.stage ?? 'login';
  return fail(
    at === 'query' ? 'query-timed-out' : 'login-timed-out',
    at,
    `The driver did not come to an end within ${patience / 1000} seconds.`,
    at === 'query'
      ? 'The server may be overloaded, or a warehouse that has to start first: try again.'
      : 'Check host and port, and that the server is not overloaded.'
  );
}

/** The child ended without a word of ours. */
function broken(
  python: string,
  { integration }: Ready,
  end: number | string,
  words: string
): Error {
  const requirement = `underpass[${integration.type}]`;
  if (/No module named '?underpass/.test(words)) {
    const command = `${python} -m pip install --upgrade '${requirement}'`;
    return fail(
      'driver-missing',
      'tls',
      `The Python ${python} has no underpass${words.includes('underpass.probe') ? ' that is new enough' : ''}.`,
      command,
      { requirement, python, command }
    );
  }
  return fail(
    'interpreter-failed',
    'tls',
    `The Python ${python} ended without an answer (${end}).`,
    `Try it yourself: ${python} -m underpass.probe --help`,
    { python }
  );
}
