import type { Fields } from '../integrations/define.js';

/** A connection that was found in a file. */
export interface FoundEntry {
  id: string;
  name: string;
  /** Where it stands. */
  origin: string;
  /** Id of the type of integration. */
  type: string;
  fields: Fields;
  secrets: { [field: string]: string };
  /** What was not taken as it stands, one sentence each. */
  remarks: string[];
}
