import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Failure } from '@underpass/protocol';

import { ServiceError } from './requests';

/** Whatever a request throws, as something that can be shown: what happened, and what to do. */
export function asFailure(error: unknown, trans: TranslationBundle): Failure {
  if (error instanceof ServiceError) {
    return error.failure;
  }
  if (error instanceof ServerConnection.ResponseError) {
    return refused(error.response.status, error.message, trans);
  }
  if (error instanceof ServerConnection.NetworkError) {
    return {
      code: 'service-unavailable',
      stage: 'request',
      message: trans.__('The Jupyter server does not answer.'),
      fix: trans.__('Check that it still runs and that you are online.')
    };
  }
  return {
    code: 'internal',
    stage: 'request',
    message: error instanceof Error ? error.message : String(error),
    fix: trans.__('Reload the page. If it stays, please report it.')
  };
}

function refused(
  status: number,
  message: string,
  trans: TranslationBundle
): Failure {
  switch (status) {
    case 401:
    case 403:
      return {
        code: 'invalid-request',
        stage: 'request',
        message: trans.__('You may not do this on this Jupyter server.'),
        fix: trans.__('Log in again, or ask the owner of the server.')
      };
    case 404:
      return {
        code: 'service-unavailable',
        stage: 'request',
        message: trans.__('The Jupyter server does not know Underpass.'),
        fix: trans.__(
          'Install jupyterlab-underpass where the Jupyter server runs, and restart it.'
        )
      };
    default:
      return {
        code: 'service-unavailable',
        stage: 'request',
        message: trans.__(
          'The Jupyter server answered %1: %2',
          String(status),
          message
        ),
        fix: trans.__('The log of the Jupyter server says more.')
      };
  }
}
