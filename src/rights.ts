import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** What a person can be allowed to do with integrations; the methods of the service each need one of these. */
export type Right = 'read' | 'write' | 'execute';

const resource = 'underpass:integrations';
const all: readonly Right[] = ['read', 'write', 'execute'];

/**
 * Ask the Jupyter server which rights the person has. It is for showing what can be done: the server decides about each
 * request by itself.
 *
 * @returns all of them where the server does not say
 */
export async function fetchRights(
  settings: ServerConnection.ISettings
): Promise<ReadonlySet<Right>> {
  const asked = JSON.stringify({ [resource]: all });
  const response = await ServerConnection.makeRequest(
    URLExt.join(settings.baseUrl, 'api', 'me') +
      URLExt.objectToQueryString({ permissions: asked }),
    {},
    settings
  );
  if (!response.ok) {
    return new Set(all);
  }
  const { permissions } = (await response.json()) as {
    permissions?: { [resource: string]: Right[] };
  };
  return new Set(permissions?.[resource] ?? all);
}
