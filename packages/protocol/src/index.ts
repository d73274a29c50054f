export * from './egress.js';
export * from './events.js';
export * from './failure.js';
export * from './forward.js';
export * from './hostKey.js';
export * from './integration.js';
export * from './methods.js';
export * from './policy.js';
export * from './testReport.js';
export * from './version.js';
export { jsonSchema } from './methods/define.js';
export type { ClientResults, User } from './methods/client.js';
export type { IntegrationsResults } from './methods/integrations.js';
export type { TestingResults } from './methods/testing.js';
export type {
  KeyBastion,
  KeyResults,
  WorkspaceKeyDescription
} from './methods/key.js';
export type { VaultResults, VaultStatus } from './methods/vault.js';
export type { CertificatesResults } from './methods/certificates.js';
export type { ImportsResults } from './methods/imports.js';
export type { EgressResults } from './methods/egress.js';
export type { HostKeysResults } from './methods/hostKeys.js';
export type { ForwardsResults } from './methods/forwards.js';
export type { PolicyResults } from './methods/policy.js';
export type {
  ProjectDescription,
  WorkspaceProblem,
  WorkspaceResults
} from './methods/workspace.js';
export type {
  Completion,
  CompletionKind,
  LanguageResults,
  TextPosition
} from './methods/language.js';
