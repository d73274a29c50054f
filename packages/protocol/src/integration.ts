/**
 * Integrations: named connections, and the types they are made from.
 */
import type { Failure, Json } from './failure.js';
import type { ForwardDescription } from './forward.js';

/** What a type of integration is and asks for. */
export interface IntegrationType {
  id: string;
  label: string;
  /** `database`: SQL cells work; `tunnel`: only a local endpoint. */
  kind: 'database' | 'tunnel';
  /** `required` for the plain SSH tunnel, `offered` where a switch decides. */
  ssh: 'required' | 'offered' | 'none';
  defaultPort?: number;
  /** `always`: encrypted and checked, there is nothing to choose. Absent where it is not this type's affair. */
  tls?: { modes: TlsMode[]; default: TlsMode } | 'always';
  /** What `always` means, in a sentence. The modes have theirs in the schema. */
  tlsMeaning?: string;
  /**
   * JSON Schema (draft-07) of the non-secret and secret fields together; secret ones have `writeOnly: true`.
   * For forms a field may also have `shownWhen` ({@link ShownWhen}), `advanced` (few people need it), `enumNames` and
   * `enumDescriptions` (what people read for each value: a word, and a sentence), and `certificates` (PEM text, and what
   * for).
   */
  schema: { [key: string]: Json };
  /** Field names in the order a form shows them. */
  order: string[];
  secrets: string[];
  /** What people may call it when they look for it, in lower case: "postgres", "mssql". */
  keywords?: string[];
  links: { label: string; url: string }[];
}

/** A field is in a form, and sent, only while each of these fields has one of these values. */
export interface ShownWhen {
  [field: string]: (string | number | boolean)[];
}

export type TlsMode = 'preferred' | 'required' | 'strict';

/** What people mark an integration with. */
export interface Marks {
  /** Real data: shown with a colour and in words. Forbids nothing. */
  production: boolean;
  /** Connectors refuse to write. Protects against accidents, not against a person who wants to. */
  readOnly: boolean;
}

/** An integration as any client may see it: no secret, only which secrets are set. */
export interface Integration {
  id: string;
  /** Another one after every change of what is kept of it, its secrets included. */
  revision: string;
  type: string;
  /** What people call the type, also where it is switched off and not among the types that are offered. */
  typeLabel: string;
  name: string;
  aliases: string[];
  marks: Marks;
  fields: { [field: string]: Json };
  secretsSet: string[];
  /** Of these, those that have to be entered again: the master key they were encrypted with is lost. */
  secretsUnreadable?: string[];
  /** Why nobody can say which secrets are set: the vault can not be read. */
  secretsFailure?: Failure;
  /** Connected to the project that was asked for. */
  connected: boolean;
  /** `MY_DB` for "My DB". */
  environmentPrefix: string;
  /**
   * Why nothing can be done with it: a type that this version does not know, damaged fields, or an administrator who
   * switched it off. It is kept.
   */
  unusable?: Failure;
  /** Absent when the integration does not use SSH. */
  forward?: ForwardDescription;
}

/** A type of its own for what a plain tunnel leads to. */
export interface BetterType {
  type: string;
  label: string;
  /** The tunnel's remote port, which says so. */
  port: number;
  /** What its form can be filled in with. */
  fields: { [field: string]: Json };
}

/** One way to use an integration, ready to copy. */
export interface HowToUse {
  title: string;
  language: 'sql' | 'python' | 'r' | 'shell';
  code: string;
}
