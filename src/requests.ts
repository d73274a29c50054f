import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { Failure, Method, Params, Results } from '@underpass/protocol';

/** What the browser gives: the server extension fills in the folder. */
export type RequestParams<M extends Method> = Omit<
  Params<M>,
  'folder' | 'python'
>;

/** The service answered, and its answer is no. */
export class ServiceError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
    this.name = 'ServiceError';
  }
}

type Answer<M extends Method> = { result: Results[M] } | { failure: Failure };

/**
 * Send one request to the tunnel service, through the Jupyter server.
 *
 * @param path Contents path of the notebook it is about; '' means the server's root folder.
 * @throws ServiceError what the service refused
 * @throws ServerConnection.ResponseError what the Jupyter server refused
 * @throws ServerConnection.NetworkError no answer
 */
export async function request<M extends Method>(
  settings: ServerConnection.ISettings,
  method: M,
  params: RequestParams<M>,
  path = ''
): Promise<Results[M]> {
  const response = await ServerConnection.makeRequest(
    URLExt.join(settings.baseUrl, 'underpass', 'rpc'),
    {
      method: 'POST',
      // Else the browser says that it is plain text, which the server refuses.
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ method, params, path })
    },
    settings
  );
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  const answer = (await response.json()) as Answer<M>;
  if ('failure' in answer) {
    throw new ServiceError(answer.failure);
  }
  return answer.result;
}
