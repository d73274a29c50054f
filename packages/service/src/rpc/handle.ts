import { type Method, methods } from '@underpass/protocol';

import { fail } from '../serviceError.js';
import type { RequestContext } from './context.js';
import { handlers } from './handlers.js';
import { secretMethods } from './handlers/vault.js';
import { refuseForeign } from './versions.js';

const beforeInitialize: ReadonlySet<Method> = new Set([
  'underpass/initialize',
  'underpass/hello',
  'underpass/shutdown'
]);

/**
 * Parse and run one request.
 * @throws ServiceError, also for an unknown method or parameters that do not fit
 */
export async function handle(
  method: string,
  params: unknown,
  context: RequestContext
): Promise<unknown> {
  if (!Object.hasOwn(methods, method)) {
    throw fail(
      'unknown-method',
      'request',
      `This service has no method "${method}".`,
      'Install the same version of underpass everywhere.'
    );
  }
  const known = method as Method;
  if (
    !beforeInitialize.has(known) &&
    !context.service.clients.has(context.client)
  ) {
    throw fail(
      'invalid-request',
      'request',
      'The first request of a connection must be underpass/initialize.',
      'Introduce the client first.'
    );
  }
  if (known === 'underpass/initialize') {
    refuseForeign(params, context.service.usedBy(context.client));
  }
  const parsed = methods[known].params.safeParse(params ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    throw fail(
      'invalid-request',
      'request',
      `${method}: ${field ? `"${field}": ` : ''}${issue?.message ?? 'invalid parameters'}`,
      'Correct the request.',
      { field }
    );
  }
  const handler = handlers[known] as (
    params: unknown,
    context: RequestContext
  ) => unknown;
  if (secretMethods.has(known)) {
    await context.service.store.vault.open();
  }
  return handler(parsed.data, context);
}
