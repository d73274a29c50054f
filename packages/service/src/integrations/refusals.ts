import type { Json } from '@underpass/protocol';

import { ServiceError } from '../serviceError.js';

/** One thing that is wrong with a form. */
type Refusal = {
  field: string;
  /** In a field of names and values, the name. */
  entry?: string;
  message: string;
};

/**
 * Do these one after another, although one refuses, so that a person is told of everything that is wrong at once.
 * @throws ServiceError the first refusal; if there are several, with all of them in its detail
 */
export function together<A, B>(first: () => A, second: () => B): [A, B] {
  const refused: ServiceError[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ServiceError) || !error.failure.detail?.field) {
        throw error;
      }
      refused.push(error);
      return undefined;
    }
  };
  const results = [attempt(first), attempt(second)];
  if (refused.length > 0) {
    throw allAsOne(refused);
  }
  return results as [A, B];
}

/** The first error; if there are several, with everything that is wrong in its detail. */
export function allAsOne(errors: readonly ServiceError[]): ServiceError {
  const [first] = errors;
  if (!first) {
    throw new Error('Nothing is wrong.');
  }
  const all = errors.flatMap(refusalsOf);
  const { failure } = first;
  return all.length === 1
    ? first
    : new ServiceError({
        ...failure,
        detail: { ...failure.detail, all: all as unknown as Json }
      });
}

/** What an error says is wrong. */
function refusalsOf({ failure }: ServiceError): Refusal[] {
  const { message, fix, code, detail } = failure;
  return (
    (detail?.all as unknown as Refusal[] | undefined) ?? [
      {
        field: String(detail?.field),
        ...(typeof detail?.entry === 'string' ? { entry: detail.entry } : {}),
        // "Correct the field" says nothing new at the field itself.
        message: code === 'invalid-field' ? message : `${message} ${fix}`
      }
    ]
  );
}
