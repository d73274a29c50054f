import { definitions } from '../../integrations/registry.js';
import { fail } from '../../serviceError.js';
import type { MarksChange } from '../../workspace/marks.js';

/**
 * Nothing is promised that nobody can keep.
 * @throws ServiceError `invalid-field`
 */
export function requireMarks(type: string, marks: MarksChange = {}): void {
  const definition = definitions.find(({ id }) => id === type);
  if (marks.readOnly && definition?.kind === 'tunnel') {
    throw fail(
      'invalid-field',
      'request',
      `${definition.label} can not be read-only: what goes through it is not understood.`,
      'Switch "Read-only" off, or add the database with its own type.',
      { field: 'readOnly' }
    );
  }
}
