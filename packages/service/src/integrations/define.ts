import type { HowToUse, IntegrationType, Json } from '@underpass/protocol';
import { z } from 'zod';

import type { HostAndPort } from '../address.js';

export type Fields = { [field: string]: Json };

export interface SshTarget {
  host: string;
  port: number;
  user: string;
}

/** What the texts of "How to use" are made from. */
export interface HowToUseContext {
  name: string;
  /** `MY_DB` */
  prefix: string;
  fields: Fields;
}

/** What a pasted connection URL says; validated like what a person typed. */
export interface FromUrl {
  fields: Fields;
  secrets: { [field: string]: string };
  /** What was not taken as it stands, one sentence each. Without secrets. */
  remarks?: string[];
}

/**
 * One system, as its file in this folder writes it down. The registry is the list of these.
 */
export interface IntegrationDefinition {
  id: string;
  label: string;
  kind: IntegrationType['kind'];
  ssh: IntegrationType['ssh'];
  defaultPort?: number;
  tls?: IntegrationType['tls'];
  /** All fields, in form order. Secret ones are made by `secret()`. */
  shape: { [field: string]: z.ZodType };
  links: { label: string; url: string }[];
  /** What people call it besides its label and its URLs' schemes, in lower case. */
  keywords?: string[];
  /** Schemes of the connection URLs of its tools, without the colon: the first is its own. */
  urlSchemes?: string[];
  /**
   * Reads such a URL, where it is more than `scheme://user:password@host:port/database?option=value`; see
   * `readUrl` and `generalUrl`. A `jdbc:` in front of it is gone already.
   */
  fromUrl?(url: string): FromUrl;
  /** Puts in order what a person typed, before it is validated: a secret out of a field that is none, say. */
  prepare?(typed: FromUrl): FromUrl;
  /** What is wrong with the fields together, if anything: the field to blame, and the rest of the sentence. */
  wrong?(fields: Fields): { field: string; reason: string } | undefined;
  /** Its server names others that clients dial, too: members of a replica set. They get forwards of their own. */
  peers?: true;
  /** Where there are several servers to begin with: all of them, the one of `remote` first. */
  seeds?(fields: Fields): HostAndPort[];
  /** What "Test connection" dials, where that is not `remote`: a name that only the DNS leads from to a server. */
  probe?(fields: Fields): Promise<HostAndPort>;
  /** The server's own address, as seen from where SSH ends (or from here, without SSH). */
  remote(fields: Fields): HostAndPort;
  howToUse(context: HowToUseContext): HowToUse[];
}

/** The bastion of an integration, or undefined where it dials directly. Fields are validated ones. */
export function sshTarget(
  definition: IntegrationDefinition,
  fields: Fields
): SshTarget | undefined {
  const used =
    definition.ssh === 'required' ||
    (definition.ssh === 'offered' && fields.sshEnabled === true);
  return used
    ? {
        host: String(fields.sshHost),
        port: Number(fields.sshPort),
        user: String(fields.sshUser)
      }
    : undefined;
}

export function secretNames(definition: IntegrationDefinition): string[] {
  return Object.keys(definition.shape).filter(
    field => definition.shape[field]?.meta()?.writeOnly === true
  );
}

/** Whoever has a JDBC URL looks for that: all databases read them. */
function keywordsOf({
  kind,
  keywords = [],
  urlSchemes = []
}: IntegrationDefinition): string[] {
  const jdbc = kind === 'database' && urlSchemes.length > 0 ? ['jdbc'] : [];
  return [...new Set([...keywords, ...urlSchemes, ...jdbc])];
}

/** The definition as clients see it. */
export function describeType(
  definition: IntegrationDefinition
): IntegrationType {
  const schema = z.toJSONSchema(z.strictObject(definition.shape), {
    target: 'draft-7',
    io: 'input'
  });
  return {
    id: definition.id,
    label: definition.label,
    kind: definition.kind,
    ssh: definition.ssh,
    ...(definition.defaultPort ? { defaultPort: definition.defaultPort } : {}),
    ...(definition.tls ? { tls: definition.tls } : {}),
    ...(definition.tls === 'always'
      ? {
          tlsMeaning:
            'Always encrypted. The certificate must come from a trusted authority and be for the name of the server.'
        }
      : {}),
    schema: schema as { [key: string]: Json },
    order: Object.keys(definition.shape),
    secrets: secretNames(definition),
    keywords: keywordsOf(definition),
    links: definition.links
  };
}
