/**
 * People who test connections, and what they find.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import type {
  Failure,
  Params,
  TestReport,
  TestStage
} from '@underpass/protocol';

import { handle } from '../rpc/handle.js';
import type { EchoTunnel } from './echoTunnel.js';
import { TestWorkspace } from './workspace.js';

/** The stages that need no driver. */
export const throughBastion = [
  'resolve',
  'tcp',
  'ssh-handshake',
  'host-key',
  'auth',
  'forward'
] as const;

/** A workspace, and a client that tests its integrations. */
export class Person {
  readonly workspace = new TestWorkspace();
  readonly told: TestStage[] = [];
  readonly run = randomUUID();

  constructor(t: TestContext) {
    t.after(() => this.workspace.remove());
  }

  test(
    options: Partial<Params<'underpass/integrations/test'>> = {},
    signal: AbortSignal = new AbortController().signal
  ): Promise<TestReport> {
    return handle(
      'underpass/integrations/test',
      { integration: 'It', run: this.run, ...options },
      {
        service: this.workspace.service,
        client: this.workspace.client,
        signal,
        progress: () => undefined,
        testStage: stage => this.told.push(stage)
      }
    ) as Promise<TestReport>;
  }

  get report(): Promise<TestReport> {
    return this.workspace.request('underpass/tests/get', { run: this.run });
  }

  /** Wait until a stage is at work, with such a message if one is given. */
  async at(stage: string, message?: string): Promise<void> {
    const reached = () =>
      this.told.some(
        event =>
          event.stage === stage &&
          event.state === 'began' &&
          (message === undefined || event.message === message)
      );
    while (!reached()) {
      await once(this.workspace.service, 'changed');
    }
  }

  /** A database behind the bastion, whose driver is a shell script; and the script's path. */
  async database(
    { sshd, echoPort }: EchoTunnel,
    script: string
  ): Promise<string> {
    await this.workspace.trust(sshd);
    await this.workspace.request('underpass/integrations/add', {
      folder: this.workspace.folder,
      type: 'postgresql',
      name: 'It',
      fields: {
        host: '127.0.0.1',
        port: echoPort,
        user: 'me',
        database: 'x',
        sshEnabled: true,
        sshHost: sshd.host,
        sshPort: sshd.port,
        sshUser: sshd.user
      },
      secrets: { password: 'correct horse' }
    });
    const python = join(this.workspace.folder, 'python');
    writeFileSync(python, `#!/bin/sh\n${script}\n`);
    chmodSync(python, 0o700);
    return python;
  }
}

/** Why the test failed. */
export function failureOf(report: TestReport): Failure {
  const last = report.stages.at(-1);
  assert.ok(last && !last.ok, JSON.stringify(report));
  assert.equal(report.ok, false);
  return last.failure;
}

export function passed({ stages }: TestReport): string[] {
  return stages.filter(({ ok }) => ok).map(({ stage }) => stage);
}
