import type { Ready, Stage } from '@underpass/protocol';

import { type HostAndPort, hostPort } from '../address.js';
import {
  type Fields,
  type SshTarget,
  sshTarget
} from '../integrations/define.js';
import { definitionOf } from '../integrations/registry.js';
import { dial } from '../ssh/dial.js';
import type { SshEngine, Transport } from '../ssh/engine.js';
import type { HostKeys } from '../ssh/hostKeys.js';
import type { WorkspaceKeys } from '../workspace/workspaceKeys.js';
import { connectForTest } from './bastion.js';
import { runProbe } from './probe.js';
import { position, type Record } from './record.js';
import { TestForward } from './testForward.js';

/** What is tested: an integration, or what a form says. */
export interface Subject {
  id: string;
  name: string;
  type: string;
  fields: Fields;
  /** Read only where a driver needs them. */
  secrets(): { [field: string]: string };
  readOnly: boolean;
}

export interface TestEnvironment {
  hostKeys: HostKeys;
  engine: SshEngine;
  keys: WorkspaceKeys;
}

export interface TestOptions {
  /** The Python that has the drivers. */
  python?: string | { program: string; path?: string | undefined } | undefined;
  until?: Stage | undefined;
}

/**
 * Walk the stages from the name of the bastion to a query, on a connection of its own, so that what is tested is the
 * way and not a session that happens to be up. It is closed whatever happens.
 * @throws ServiceError at the stage that the record is at
 */
export async function testConnection(
  subject: Subject,
  environment: TestEnvironment,
  options: TestOptions,
  record: Record,
  signal: AbortSignal
): Promise<void> {
  const definition = definitionOf(subject.type);
  const target = sshTarget(definition, subject.fields);
  const last = options.until ?? 'query';
  if (options.until) {
    record.skipBehind(last, `The test was to end at ${last}.`);
  }
  const remote =
    (await definition.probe?.(subject.fields)) ??
    definition.remote(subject.fields);
  if (!target) {
    const enough = new Enough(last, signal);
    await enough.guard(async limited => {
      const socket = await dial(
        remote,
        limited,
        stage => enough.begin(stage, record),
        message => record.found(message)
      );
      socket.destroy();
    });
    const server = definition.remote(subject.fields);
    await askDriver(subject, server, server, options, record, signal);
    return;
  }
  const enough = new Enough(last, signal);
  await enough.guard(async limited => {
    const transport = await connectForTest(
      target,
      subject.name,
      environment,
      record,
      stage => enough.begin(stage, record),
      limited
    );
    try {
      enough.begin('forward', record);
      limited.throwIfAborted();
      await throughBastion(
        subject,
        target,
        remote,
        transport,
        options,
        record,
        limited
      );
    } finally {
      transport.close();
    }
  });
}

async function throughBastion(
  subject: Subject,
  target: SshTarget,
  remote: HostAndPort,
  transport: Transport,
  options: TestOptions,
  record: Record,
  signal: AbortSignal
): Promise<void> {
  const channel = await transport.openChannel(remote.host, remote.port, signal);
  channel.destroy();
  record.found(`${hostPort(target)} reaches ${hostPort(remote)}`);
  record.pass();
  const server = definitionOf(subject.type).remote(subject.fields);
  const forwards: TestForward[] = [];
  const open = async (address: HostAndPort) => {
    const forward = await TestForward.open(transport, address, signal);
    forwards.push(forward);
    return forward.endpoint;
  };
  try {
    await askDriver(
      subject,
      server,
      await open(server),
      options,
      record,
      signal,
      open
    );
  } finally {
    forwards.forEach(forward => forward.close());
  }
}

/** The stages that only the system's own driver can pass. */
async function askDriver(
  { id, name, type, fields, secrets, readOnly }: Subject,
  server: HostAndPort,
  endpoint: HostAndPort,
  { python, until = 'query' }: TestOptions,
  record: Record,
  signal: AbortSignal,
  peer?: (address: HostAndPort) => Promise<HostAndPort>
): Promise<void> {
  record.pass();
  const definition = definitionOf(type);
  if (definition.kind !== 'database') {
    record.skipBehind(
      'forward',
      'What is behind the tunnel is not known: it may speak any protocol.'
    );
    return;
  }
  if (position(until) <= position('forward')) {
    return;
  }
  if (!python) {
    record.skipBehind(
      'forward',
      'The database is asked by its driver, which lives in a Python environment, and none was named. User and password are checked when a cell runs.'
    );
    return;
  }
  const ready: Ready = {
    integration: { id, name, type },
    generation: 0,
    endpoint,
    server,
    tunnelled: peer !== undefined,
    fields,
    secrets: secrets(),
    readOnly
  };
  await runProbe(
    {
      python: typeof python === 'string' ? { program: python } : python,
      ready,
      until
    },
    definition.peers === true ? peer : undefined,
    record,
    signal
  );
}

/** Ends a connection at the first stage that is not wanted any more. */
class Enough {
  private readonly reached = new AbortController();

  constructor(
    private readonly last: Stage,
    private readonly signal: AbortSignal
  ) {}

  begin(stage: Stage, record: Record): void {
    if (position(stage) > position(this.last)) {
      record.pass();
      this.reached.abort();
    } else {
      record.begin(stage);
    }
  }

  async guard(walk: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await walk(AbortSignal.any([this.signal, this.reached.signal]));
    } catch (error) {
      if (!this.reached.signal.aborted || this.signal.aborted) {
        throw error;
      }
    }
  }
}
