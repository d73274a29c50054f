import { fail, ServiceError } from '../serviceError.js';
import type { FromUrl, IntegrationDefinition } from './define.js';
import { generalUrl } from './generalUrl.js';
import { definitions } from './registry.js';
import { schemeOf } from './urlParts.js';

export interface ParsedConnectionUrl extends Required<FromUrl> {
  /** Id of the type that the URL is of. */
  type: string;
}

/**
 * Read a connection URL as people paste it: also in quotes, in JDBC's form, or with a driver's name in the scheme.
 *
 * @param preferred id of a type that is taken if it is one of those that know such URLs
 * @throws ServiceError `invalid-field`; nothing of the URL beyond its scheme is in it
 */
export function parseConnectionUrl(
  pasted: string,
  preferred?: string,
  known: readonly IntegrationDefinition[] = definitions
): ParsedConnectionUrl {
  const url = pasted
    .trim()
    .replace(/^(["'])(.*)\1$/s, '$2')
    .replace(/^jdbc:/i, '');
  const definition = definitionFor(schemeOf(url), preferred, known);
  try {
    const { fields, secrets, remarks } =
      definition.fromUrl?.(url) ?? generalUrl(definition, url);
    return { type: definition.id, fields, secrets, remarks: remarks ?? [] };
  } catch (error) {
    if (error instanceof ServiceError) {
      throw error;
    }
    // Errors of parsers quote what they could not parse.
    throw fail(
      'invalid-field',
      'request',
      `The URL can not be read as one of ${definition.label}.`,
      'Compare it with the documentation, or fill in the form by hand.',
      { field: 'url' }
    );
  }
}

function definitionFor(
  scheme: string,
  preferred: string | undefined,
  known: readonly IntegrationDefinition[]
): IntegrationDefinition {
  const knowing = (wanted: string) =>
    known.filter(({ urlSchemes }) => urlSchemes?.includes(wanted));
  // `mysql+pymysql` is how SQLAlchemy names a driver.
  const exact = knowing(scheme);
  const base = scheme.replace(/\+.*$/, '');
  const candidates = exact.length > 0 ? exact : knowing(base);
  const found =
    candidates.find(({ id }) => id === preferred) ??
    candidates.find(({ urlSchemes }) =>
      [scheme, base].includes(urlSchemes?.[0] ?? '')
    ) ??
    candidates[0];
  if (!found) {
    const schemes = known.flatMap(({ urlSchemes }) => urlSchemes ?? []);
    throw fail(
      'invalid-field',
      'request',
      `No type of integration knows URLs that begin with ${scheme}:`,
      `These are known: ${[...new Set(schemes)].join(', ')}. For another system, fill in the form by hand.`,
      { field: 'url' }
    );
  }
  return found;
}
