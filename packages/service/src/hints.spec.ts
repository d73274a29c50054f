import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import type { Changed } from '@underpass/protocol';

import { Sshd } from './testing/sshd.js';
import { TestWorkspace } from './testing/workspace.js';

const opaque =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$/;

let sshd: Sshd;
before(async () => {
  sshd = await Sshd.start();
});
after(() => sshd.remove());

test('hints have no names in them, of servers and integrations neither', async () => {
  const workspace = new TestWorkspace();
  const hints: Changed[] = [];
  workspace.service.on('changed', hint => hints.push(hint));
  try {
    workspace.client.approves = true;
    const target = { host: sshd.host, port: sshd.port };
    const { id } = await workspace.addTunnel('Payroll', sshd, 1);
    const asked = once(workspace.service.hostKeys, 'prompts');
    await workspace.request('underpass/integrations/prewarm', {
      folder: workspace.folder,
      integrations: ['Payroll']
    });
    await asked;
    const { prompts } = await workspace.request('underpass/prompts/list', {});
    assert.equal(prompts.length, 1);
    await workspace.request('underpass/hostKeys/approve', {
      ...target,
      fingerprint: sshd.fingerprint
    });
    await workspace.request('underpass/hostKeys/remove', target);
    while (!hints.some(({ topic }) => topic === 'forwards')) {
      // Of many changes at once, told a moment later.
      await once(workspace.service, 'changed');
    }
    await workspace.request('underpass/integrations/remove', {
      integration: id
    });
  } finally {
    workspace.remove();
  }
  for (const topic of ['integrations', 'forwards', 'prompts', 'hostKeys']) {
    assert.ok(
      hints.some(hint => hint.topic === topic),
      topic
    );
  }
  for (const hint of hints) {
    assert.deepEqual(Object.keys(hint), ['topic', 'id', 'revision']);
    assert.match(hint.id, opaque, JSON.stringify(hint));
  }
});
