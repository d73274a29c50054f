/**
 * The kinds of field that types of integration are made of. Titles and descriptions end up in the forms.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';

import type { TlsMode } from '@underpass/protocol';
import { z } from 'zod';

import { certificateBlocks } from './certificateFile.js';

const required = (kind: string) => ({
  error: (issue: { input?: unknown }) =>
    issue.input === undefined ? 'is required' : `must be ${kind}`
});

export function text(title: string, description?: string): z.ZodType {
  return z
    .string(required('text'))
    .trim()
    .min(1, 'is required')
    .meta({ title, ...(description ? { description } : {}) });
}

export function optionalText(title: string, description?: string): z.ZodType {
  return z
    .string(required('text'))
    .trim()
    .optional()
    .meta({ title, ...(description ? { description } : {}) });
}

/** A name or an address, without scheme, port or path: those are the mistakes people make here. */
export function host(title: string, description?: string): z.ZodType {
  return (
    z
      .string(required('a host name or an IP address'))
      .trim()
      .min(1, 'is required')
      .regex(
        /^(\[?[0-9A-Fa-f:.]+\]?|[\p{L}\p{N}._-]+)$/u,
        'must be a host name or an IP address alone, without a scheme, a port or a path'
      )
      // One way of writing: it is compared, and put into brackets again where a port follows.
      .overwrite(value => value.replace(/^\[|\]$/g, ''))
      .meta({ title, ...(description ? { description } : {}) })
  );
}

export function port(title: string, standard?: number): z.ZodType {
  const number = z
    .int(required('a whole number'))
    .min(1, 'must be between 1 and 65535')
    .max(65535, 'must be between 1 and 65535');
  return (standard ? number.default(standard) : number).meta({ title });
}

/** Write-only: encrypted at rest, never sent back to a client. */
export function secret(title: string): z.ZodType {
  return z
    .string(required('text'))
    .optional()
    .meta({ title, writeOnly: true, format: 'password' });
}

/** A secret of several lines, such as a key file's content. Write-only like {@link secret}. */
export function secretText(title: string, description?: string): z.ZodType {
  return z
    .string(required('text'))
    .trim()
    .optional()
    .meta({
      title,
      ...(description ? { description } : {}),
      writeOnly: true,
      format: 'textarea'
    });
}

/** One of several values, each with what people read. The first is the default. */
export function choice(
  title: string,
  labels: { [value: string]: string },
  description?: string
): z.ZodType {
  const values = Object.keys(labels);
  return z
    .enum(values, required(`one of ${values.join(', ')}`))
    .default(values[0] ?? '')
    .meta({
      title,
      ...(description ? { description } : {}),
      enumNames: Object.values(labels)
    });
}

/** The same field, in forms only while another one has one of these values. */
export function shownWhen<T extends z.ZodType>(
  condition: { [field: string]: (string | number | boolean)[] },
  field: T
): T {
  return field.meta({ ...field.meta(), shownWhen: condition });
}

/** The same field, in forms among those that few people need. */
export function advanced<T extends z.ZodType>(field: T): T {
  return field.meta({ ...field.meta(), advanced: true });
}

/** PEM text of certificates, kept without what else stands there: comments of bundles are in any encoding. */
function certificates(): z.ZodString {
  return z
    .string(required('PEM text'))
    .trim()
    .refine(pem => !pem.includes('PRIVATE KEY-----'), {
      error: 'must hold certificates alone: a private key is a secret'
    })
    .refine(pem => pem === '' || isCertificates(pem), {
      error:
        'must be a PEM certificate (-----BEGIN CERTIFICATE----- …) that can be read'
    })
    .overwrite(pem => certificateBlocks(pem).join('\n'));
}

/** PEM text of a certificate that the client shows; its key is the secret `clientKey`. */
export function clientCertificate(): z.ZodType {
  return certificates().optional().meta({
    title: 'Client certificate',
    description: 'PEM text, where the server asks clients for one.',
    format: 'textarea',
    certificates: 'client',
    advanced: true
  });
}

export function clientKey(): z.ZodType {
  return z
    .string(required('PEM text'))
    .trim()
    .refine(pem => pem === '' || isPrivateKey(pem), {
      error:
        'must be a PEM private key (-----BEGIN PRIVATE KEY----- …) without a passphrase'
    })
    .optional()
    .meta({
      title: 'Key of the client certificate',
      writeOnly: true,
      format: 'textarea',
      advanced: true
    });
}

/**
 * What the driver takes beside the fields, in its own words.
 * @param decided - its words that would undo what another field says, in lower case, and that field (or '')
 */
export function driverOptions(
  example: string,
  decided: { [name: string]: string } = {}
): z.ZodType {
  return z
    .record(
      z.string().trim().min(1, 'is required'),
      z.string(required('text')),
      required('names with values')
    )
    .superRefine((options, context) => {
      for (const name of Object.keys(options)) {
        if (Object.hasOwn(decided, name.toLowerCase())) {
          const field = decided[name.toLowerCase()];
          context.addIssue({
            code: 'custom',
            path: [name],
            message: `must not be set${field ? `: the field "${field}" decides that` : ''}`
          });
        }
      }
    })
    .optional()
    .meta({
      title: 'More options of the driver',
      description: `Name and value, such as ${example}.`,
      advanced: true
    });
}

export function tlsMode(standard: TlsMode = 'preferred'): z.ZodType {
  return z
    .enum(
      ['preferred', 'required', 'strict'],
      required('preferred, required or strict')
    )
    .default(standard)
    .meta({
      title: 'TLS',
      enumNames: ['Preferred', 'Required', 'Strict'],
      enumDescriptions: [
        'Encrypted if the server offers it, else in the clear. Nothing is checked.',
        'Always encrypted. The certificate is not checked, so it does not prove which server answers.',
        'Always encrypted. The certificate must come from a trusted authority and be for the name of this host.'
      ]
    });
}

export function caCertificate(): z.ZodType {
  return certificates()
    .optional()
    .meta({
      title: 'CA certificate',
      description:
        'PEM text. With strict, the server must show a certificate of this CA; empty means the authorities of the system.',
      format: 'textarea',
      certificates: 'ca',
      shownWhen: { sslMode: ['strict'] }
    });
}

function isCertificates(pem: string): boolean {
  const blocks = certificateBlocks(pem);
  try {
    blocks.forEach(block => new X509Certificate(block));
    return blocks.length > 0;
  } catch {
    return false;
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false;
  }
}

const withSsh = <T extends z.ZodType>(field: T) =>
  shownWhen({ sshEnabled: [true] }, field);

/** The bastion, for types where SSH is a choice. Which of these must be given, `validate` says. */
export const offeredSsh = {
  sshEnabled: z.boolean(required('true or false')).default(false).meta({
    title: 'Connect through an SSH bastion',
    description:
      'For a server that only a private network reaches: the connection goes, encrypted, through a computer at its edge.'
  }),
  sshHost: withSsh(
    host('SSH host', 'The bastion in front of the network').optional()
  ),
  sshPort: withSsh(port('SSH port', 22)),
  sshUser: withSsh(optionalText('SSH user'))
};

/** The bastion, for types that are nothing without it. */
export const requiredSsh = {
  sshHost: host('SSH host', 'The bastion in front of the network'),
  sshPort: port('SSH port', 22),
  sshUser: text('SSH user')
};
