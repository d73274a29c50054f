/**
 * "Test connection".
 */
import { z } from 'zod';

import type { TestReport } from '../testReport.js';
import { define, integration } from './define.js';

export const testingMethods = {
  'underpass/integrations/test': define('execute', z.object({ integration }))
} as const;

export interface TestingResults {
  'underpass/integrations/test': TestReport;
}
