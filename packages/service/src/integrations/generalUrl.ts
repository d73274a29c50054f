import type { Json } from '@underpass/protocol';

import {
  describeType,
  type FromUrl,
  type IntegrationDefinition
} from './define.js';
import { readUrl, type UrlParts } from './urlParts.js';
import { readTls } from './urlTls.js';

/** What options are called elsewhere. */
const aliases: { [name: string]: string } = {
  username: 'user',
  hostname: 'host',
  dbname: 'database',
  databasename: 'database',
  db: 'database',
  pwd: 'password',
  passwd: 'password'
};

/** Options are kept in clear text, so nothing that may be a secret goes there. */
const secretive =
  /passw|passphrase|^pass$|pwd|secret|token|credential|private_?key|api_?key/i;

/**
 * Read `scheme://user:password@host:port/database?option=value` into the fields of a type. An option becomes the field
 * of that name, or one of the driver's where the type has `options`.
 * @throws ServiceError `invalid-field`, without anything secret
 */
export function generalUrl(
  definition: IntegrationDefinition,
  url: string
): FromUrl {
  return fromParts(definition, readUrl(url));
}

/** The same of a URL that was taken apart, or of what says as much as one. */
export function fromParts(
  definition: IntegrationDefinition,
  parts: Omit<UrlParts, 'scheme'>
): FromUrl {
  const remarks: string[] = [];
  const fields: FromUrl['fields'] = {};
  const secrets: FromUrl['secrets'] = {};
  const { secrets: secretFields, schema } = describeType(definition);
  const properties = schema.properties as { [field: string]: { type?: Json } };

  /** False if the type has no such field. */
  const fill = (field: string, value: string | number): boolean => {
    if (!properties[field]) {
      return false;
    }
    if (secretFields.includes(field)) {
      secrets[field] = String(value);
    } else {
      fields[field] = typed(String(value), properties[field]?.type);
    }
    return true;
  };

  for (const [field, value] of [
    ['host', parts.host],
    ['port', parts.port],
    ['user', parts.user],
    ['password', parts.password],
    ['database', parts.path || undefined]
  ] as const) {
    if (value !== undefined && !fill(field, value)) {
      remarks.push(
        `${definition.label} has no field "${field}": that part was left out.`
      );
    }
  }

  const tls = readTls(parts.options);
  remarks.push(...tls.remarks);
  const { mode } = tls;
  const modes = typeof definition.tls === 'object' ? definition.tls.modes : [];
  if (mode && modes.includes(mode) && properties.sslMode) {
    fields.sslMode = mode;
  } else if (mode) {
    remarks.push(
      `What is said of TLS was left out: ${definition.label} has one way only.`
    );
  }

  const more: { [name: string]: string } = {};
  for (const [name, value] of parts.options) {
    if (tls.taken.has(name)) {
      continue;
    }
    const field =
      Object.keys(properties).find(
        known => known.toLowerCase() === name.toLowerCase()
      ) ?? aliases[name.toLowerCase()];
    if (field !== undefined && field !== 'options' && fill(field, value)) {
      continue;
    }
    if (secretive.test(name)) {
      remarks.push(
        `${name} was left out: it looks like a secret, and none of the secret fields of ${definition.label} has that name.`
      );
    } else if (properties.options) {
      more[name] = value;
    } else {
      remarks.push(
        `${name} was left out: ${definition.label} has no such field.`
      );
    }
  }
  if (Object.keys(more).length > 0) {
    fields.options = more;
  }
  return { fields, secrets, remarks };
}

/** Text of a URL as the field's own type; what does not fit stays text, for the form to refuse. */
function typed(value: string, type: Json | undefined): Json {
  switch (type) {
    case 'integer':
    case 'number':
      return /^\d+$/.test(value) ? Number(value) : value;
    case 'boolean':
      return /^(true|1|yes|on)$/i.test(value)
        ? true
        : /^(false|0|no|off)$/i.test(value)
          ? false
          : value;
    default:
      return value;
  }
}
