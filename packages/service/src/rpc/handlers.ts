import type { Method } from '@underpass/protocol';

import { certificatesHandlers } from './handlers/certificates.js';
import { clientHandlers } from './handlers/client.js';
import { egressHandlers } from './handlers/egress.js';
import { forwardsHandlers } from './handlers/forwards.js';
import { hostKeysHandlers } from './handlers/hostKeys.js';
import { importsHandlers } from './handlers/imports.js';
import { integrationsHandlers } from './handlers/integrations.js';
import { keyHandlers } from './handlers/key.js';
import { languageHandlers } from './handlers/language.js';
import { policyHandlers } from './handlers/policy.js';
import { testingHandlers } from './handlers/testing.js';
import { vaultHandlers } from './handlers/vault.js';
import { workspaceHandlers } from './handlers/workspace.js';
import type { HandlersOf } from './handlers/define.js';

/** One function per method of the protocol. */
export const handlers: HandlersOf<Method> = {
  ...clientHandlers,
  ...integrationsHandlers,
  ...workspaceHandlers,
  ...testingHandlers,
  ...keyHandlers,
  ...vaultHandlers,
  ...hostKeysHandlers,
  ...forwardsHandlers,
  ...policyHandlers,
  ...egressHandlers,
  ...languageHandlers,
  ...certificatesHandlers,
  ...importsHandlers
};
