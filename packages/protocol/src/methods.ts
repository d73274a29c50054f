/**
 * The requests of the service: name, who may send it, what it takes. Results are typed in {@link Results}.
 */
import type { z } from 'zod';

import { clientMethods, type ClientResults } from './methods/client.js';
import {
  integrationsMethods,
  type IntegrationsResults
} from './methods/integrations.js';
import { testingMethods, type TestingResults } from './methods/testing.js';
import { keyMethods, type KeyResults } from './methods/key.js';
import { vaultMethods, type VaultResults } from './methods/vault.js';
import { hostKeysMethods, type HostKeysResults } from './methods/hostKeys.js';
import { forwardsMethods, type ForwardsResults } from './methods/forwards.js';
import { policyMethods, type PolicyResults } from './methods/policy.js';
import { egressMethods, type EgressResults } from './methods/egress.js';
import { languageMethods, type LanguageResults } from './methods/language.js';
import {
  certificatesMethods,
  type CertificatesResults
} from './methods/certificates.js';
import { importsMethods, type ImportsResults } from './methods/imports.js';
import {
  workspaceMethods,
  type WorkspaceResults
} from './methods/workspace.js';

export type { Access } from './methods/define.js';
export type { HeldForward } from './methods/forwards.js';
export type { CertificateDescription } from './methods/certificates.js';
export type { ImportedEntry, ImportEntry } from './methods/imports.js';

export const methods = {
  ...clientMethods,
  ...integrationsMethods,
  ...workspaceMethods,
  ...testingMethods,
  ...keyMethods,
  ...vaultMethods,
  ...hostKeysMethods,
  ...forwardsMethods,
  ...policyMethods,
  ...egressMethods,
  ...languageMethods,
  ...certificatesMethods,
  ...importsMethods
} as const;

export type Method = keyof typeof methods;
/** What a client sends (defaults left out). */
export type Params<M extends Method> = z.input<(typeof methods)[M]['params']>;
/** What the service works with (defaults filled in). */
export type ParsedParams<M extends Method> = z.output<
  (typeof methods)[M]['params']
>;

export interface Results
  extends
    ClientResults,
    IntegrationsResults,
    WorkspaceResults,
    TestingResults,
    KeyResults,
    VaultResults,
    HostKeysResults,
    ForwardsResults,
    PolicyResults,
    EgressResults,
    LanguageResults,
    CertificatesResults,
    ImportsResults {}
