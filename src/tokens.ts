import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type {
  Failure,
  HostKeyPrompt,
  Integration,
  IntegrationType,
  Method,
  Results,
  WorkspaceProblem
} from '@underpass/protocol';

import type { RequestParams } from './requests';
import type { Right } from './rights';

/** What the service said last. */
export interface IListing {
  /** Absolute folder of the project. */
  project: string;
  integrations: readonly Integration[];
  types: readonly IntegrationType[];
  /** Host keys that wait for a person. */
  prompts: readonly HostKeyPrompt[];
  /** What the administrator has switched off. */
  policy: Results['underpass/policy/show'];
  /** What is wrong with the files of the workspace. */
  problems: readonly WorkspaceProblem[];
}

/**
 * The integrations of the workspace, kept in step with the tunnel service.
 */
export interface IIntegrationsModel {
  /** Emitted after `listing` or `failure` became another one. */
  readonly changed: ISignal<IIntegrationsModel, void>;
  /** Emitted with the id of a test whose report became another one; '' when any may have. */
  readonly testChanged: ISignal<IIntegrationsModel, string>;
  /** Null until the service has answered once; stays when it can not be reached later. */
  readonly listing: IListing | null;
  /** Why the listing could not be refreshed the last time. */
  readonly failure: Failure | null;
  /** Integrations with SQL cells that are connected to the project, by name. */
  readonly databases: readonly Integration[];
  /** Whether the person may do that on this server; true until it has said. */
  may(right: Right): boolean;
  /** Fetch everything again. Calls made meanwhile share one further fetch. Never rejects. */
  refresh(): Promise<void>;
  /**
   * Ask the service for something.
   * @param path Contents path of the notebook that it is about
   */
  request<M extends Method>(
    method: M,
    params: RequestParams<M>,
    path?: string
  ): Promise<Results[M]>;
  /** By id, name or former name, the latter two without case. */
  find(reference: string): Integration | undefined;
  typeOf(integration: Integration): IntegrationType | undefined;
}

export const IIntegrationsModel = new Token<IIntegrationsModel>(
  'jupyterlab-underpass:IIntegrationsModel',
  'The integrations of the Underpass workspace, and requests to its tunnel service.'
);
