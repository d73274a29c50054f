import { type Check, failed, ok, type Remark } from './finding.js';

/** The way to each server that was named, or that is connected to the project. */
export const integrations: Check = {
  name: 'integrations',
  needsService: true,
  look: async ({ service, names, all, folder, environment }) => {
    const client = await service();
    const { integrations } = await client.request(
      'underpass/integrations/list',
      { folder }
    );
    const connected = integrations
      .filter(integration => integration.connected)
      .map(({ name }) => name);
    const wanted = all ? [...new Set([...names, ...connected])] : names;
    if (wanted.length === 0) {
      return [
        ok(
          `${integrations.length} in the workspace, ${connected.length} connected to ${folder}.`
        )
      ];
    }
    const { UNDERPASS_PYTHON: program, PYTHONPATH: path } = environment;
    const remarks: Remark[] = [];
    for (const integration of wanted) {
      const { ok: passed, stages } = await client.request(
        'underpass/integrations/test',
        {
          integration,
          ...(program ? { python: { program, ...(path ? { path } : {}) } } : {})
        }
      );
      const last = stages.at(-1);
      remarks.push(
        last && !last.ok
          ? failed(
              `"${integration}" at ${last.stage}: ${last.failure.message}`,
              last.failure.fix
            )
          : passed
            ? ok(
                `"${integration}" works: ${stages.map(({ stage }) => stage).join(', ')}.`
              )
            : failed(
                `The test of "${integration}" did not end.`,
                'Try again: underpass integration test'
              )
      );
    }
    return remarks;
  }
};
