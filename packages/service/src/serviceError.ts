import type { Failure, FailureCode, Json, Stage } from '@underpass/protocol';

/** A {@link Failure} that can be thrown. Everything the service refuses is refused with one of these. */
export class ServiceError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
    this.name = 'ServiceError';
  }
}

export function fail(
  code: FailureCode,
  stage: Stage,
  message: string,
  fix: string,
  detail?: { [key: string]: Json }
): ServiceError {
  return new ServiceError({
    code,
    stage,
    message,
    fix,
    ...(detail ? { detail } : {})
  });
}

/** Whatever was thrown, as data. Unforeseen errors keep their message, never their stack. */
export function asFailure(error: unknown): Failure {
  if (error instanceof ServiceError) {
    return error.failure;
  }
  if (isAbort(error)) {
    return {
      code: 'cancelled',
      stage: 'request',
      message: 'The request was cancelled.',
      fix: 'Run it again.'
    };
  }
  return {
    code: 'internal',
    stage: 'request',
    message: `Unexpected error: ${error instanceof Error ? error.message : String(error)}`,
    fix: 'Look into the log of the service; please report this with its text.'
  };
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The `code` of a system error such as `ECONNREFUSED`, if it is one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error
    ? (error as NodeJS.ErrnoException).code
    : undefined;
}
