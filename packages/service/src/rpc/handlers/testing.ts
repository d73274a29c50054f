import type { ParsedParams, TestingResults } from '@underpass/protocol';

import {
  type Subject,
  testConnection,
  type TestOptions
} from '../../diagnosis/testConnection.js';
import { definitionOf } from '../../integrations/registry.js';
import { requireUsable } from '../../integrations/usable.js';
import { revise } from '../../integrations/revise.js';
import type { Service } from '../../service.js';
import { fail } from '../../serviceError.js';
import { marksOf } from '../../workspace/marks.js';
import type { RequestContext } from '../context.js';
import { importedSecrets } from './importedSecrets.js';
import type { HandlersOf } from './define.js';

export const testingHandlers: HandlersOf<keyof TestingResults> = {
  'underpass/integrations/test': async (params, context) => {
    const { store, catalogs } = context.service;
    const found = store.find(params.integration);
    const report = await run(
      {
        ...found,
        secrets: () => store.secrets(found.id),
        readOnly: marksOf(found).readOnly
      },
      params,
      context
    );
    if (report.stages.some(({ stage, ok }) => stage === 'login' && ok)) {
      // Completion may try again what failed before.
      catalogs.forget(found.id);
    }
    return report;
  },

  'underpass/integrations/testDraft': (params, context) =>
    run(draft(params, context), params, context),

  'underpass/tests/get': (params, { service }) => service.tests.get(params.run),

  'underpass/tests/cancel': (params, { service }) => {
    service.tests.cancel(params.run);
    return {};
  }
};

function run(
  subject: Subject,
  params: TestOptions & { run?: string | undefined },
  { service, signal, testStage }: RequestContext
) {
  requireUsable(subject);
  service.policy.require(subject);
  return service.tests.run(
    params.run,
    signal,
    stage => testStage?.(stage),
    (record, limited) =>
      testConnection(
        subject,
        {
          hostKeys: service.hostKeys,
          engine: service.engine,
          keys: service.store.keys
        },
        params,
        record,
        limited
      )
  );
}

/** What a form says. Nothing of it is kept. */
function draft(
  params: ParsedParams<'underpass/integrations/testDraft'>,
  { service }: RequestContext
): Subject {
  const { store } = service;
  const saved = params.integration ? store.find(params.integration) : undefined;
  if (saved && saved.type !== params.type) {
    throw fail(
      'invalid-request',
      'request',
      `"${saved.name}" is of another type: its secrets are not for this one.`,
      'Type the secrets.',
      { field: 'integration' }
    );
  }
  const kept = {
    ...(saved ? savedSecrets(saved.id, params.secrets, service) : {}),
    ...importedSecrets(params, service)
  };
  const { fields, allSecrets } = revise(
    definitionOf(params.type),
    params.fields,
    params.secrets,
    kept
  );
  return {
    id: saved?.id ?? '',
    name: saved?.name ?? definitionOf(params.type).label,
    type: params.type,
    fields,
    secrets: () => allSecrets,
    readOnly:
      params.marks?.readOnly ?? (saved ? marksOf(saved).readOnly : false)
  };
}

/** @throws ServiceError `secret-unreadable`, for one that was not typed anew either */
function savedSecrets(
  id: string,
  typed: { [field: string]: string | null },
  { store }: Service
): { [field: string]: string } {
  return store.secretsUnreadable(id).every(field => typed[field] !== undefined)
    ? store.readableSecrets(id)
    : store.secrets(id);
}
