import type { Stage, StageResult, TestReport } from '@underpass/protocol';

import { sshTarget } from '../integrations/define.js';
import { definitionOf } from '../integrations/registry.js';
import { asFailure } from '../serviceError.js';
import { dial } from '../ssh/dial.js';
import type { SshEngine } from '../ssh/engine.js';
import type { HostKeys } from '../ssh/hostKeys.js';
import type { Store, StoredIntegration } from '../workspace/store.js';

/**
 * Walk the stages from the name of the bastion to an open channel at the server, on a connection of its own, so that
 * what is tested is the way and not a session that happens to be up. Stages beyond `forward` need the system's driver
 * and run in the kernel.
 */
export async function testConnection(
  store: Store,
  hostKeys: HostKeys,
  engine: SshEngine,
  integration: StoredIntegration,
  signal: AbortSignal
): Promise<TestReport> {
  const definition = definitionOf(integration.type);
  const target = sshTarget(definition, integration.fields);
  const record = new Record();
  try {
    const remote =
      (await definition.probe?.(integration.fields)) ??
      definition.remote(integration.fields);
    if (target) {
      const transport = await engine.connect({
        target,
        keys: await store.keys.forLogin(),
        knownKeyTypes: hostKeys.knownKeys(target).map(known => known.keyType),
        verifyHostKey: presented =>
          hostKeys.verify(target, presented, [integration.name]),
        onStage: stage => record.begin(stage),
        signal
      });
      try {
        record.begin('forward');
        const channel = await transport.openChannel(
          remote.host,
          remote.port,
          signal
        );
        channel.destroy();
      } finally {
        transport.close();
      }
    } else {
      const socket = await dial(remote, signal, stage => record.begin(stage));
      socket.destroy();
    }
    return record.passed();
  } catch (error) {
    return record.failed(error);
  }
}

/** One stage at a time: the next one's beginning is the last one's success. */
class Record {
  private readonly stages: StageResult[] = [];
  private current: { stage: Stage; began: number } | undefined;

  begin(stage: Stage): void {
    this.finish();
    this.current = { stage, began: performance.now() };
  }

  passed(): TestReport {
    this.finish();
    return { ok: true, stages: this.stages };
  }

  failed(error: unknown): TestReport {
    const failure = asFailure(error);
    this.stages.push({
      stage: this.current?.stage ?? failure.stage,
      ok: false,
      milliseconds: this.elapsed(),
      failure
    });
    return { ok: false, stages: this.stages };
  }

  private finish(): void {
    if (this.current) {
      this.stages.push({
        stage: this.current.stage,
        ok: true,
        milliseconds: this.elapsed()
      });
      this.current = undefined;
    }
  }

  private elapsed(): number {
    return this.current
      ? Math.round((performance.now() - this.current.began) * 10) / 10
      : 0;
  }
}
