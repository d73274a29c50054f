import type { TestingResults } from '@underpass/protocol';
import { testConnection } from '../../diagnosis/testConnection.js';
import type { HandlersOf } from './define.js';

export const testingHandlers: HandlersOf<keyof TestingResults> = {
  'underpass/integrations/test': ({ integration }, { service, signal }) =>
    testConnection(
      service.store,
      service.hostKeys,
      service.engine,
      service.store.find(integration),
      signal
    )
};
