import type { ErrorSchema } from '@rjsf/utils';
import type { Failure, IntegrationType } from '@underpass/protocol';

/** One of the fields that a failure is about. */
interface IRefusal {
  field: string;
  /** In a field of names and values, the name. */
  entry?: string;
  message: string;
}

/** What is wrong, by field of the form; null where the failure is about none of them. */
export function fieldErrors(
  failure: Failure | null,
  type: IntegrationType
): ErrorSchema | null {
  const errors: { [field: string]: object } = {};
  for (const { field, entry, message } of refusals(failure)) {
    if (['name', ...type.order].includes(field)) {
      errors[field] =
        entry === undefined
          ? { __errors: [message] }
          : { [entry]: { __errors: [message] } };
    }
  }
  return Object.keys(errors).length > 0 ? (errors as ErrorSchema) : null;
}

function refusals(failure: Failure | null): IRefusal[] {
  const { code, message, fix, detail } = failure ?? {};
  if (Array.isArray(detail?.all)) {
    return detail.all as unknown as IRefusal[];
  }
  if (typeof detail?.field !== 'string' || message === undefined) {
    return [];
  }
  return [
    {
      field: detail.field,
      ...(typeof detail.entry === 'string' ? { entry: detail.entry } : {}),
      // At the field itself, "correct this field" says nothing new.
      message: code === 'invalid-field' ? message : `${message} ${fix}`
    }
  ];
}
