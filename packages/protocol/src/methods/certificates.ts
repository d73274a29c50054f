/**
 * Certificates that people give as files.
 */
import { z } from 'zod';

import { define } from './define.js';

export const certificatesMethods = {
  /** What is in a file of certificates. Keeps nothing. */
  'underpass/certificates/describe': define(
    'read',
    z.object({
      /** PEM text, or DER, or either of them as a file has it: the bytes in Base64. */
      content: z.union([
        z.object({ text: z.string() }),
        z.object({ base64: z.base64() })
      ]),
      /** What it is to be used as. */
      purpose: z.enum(['ca', 'client'])
    })
  )
} as const;

/** One certificate, for people. */
export interface CertificateDescription {
  /** On one line. */
  subject: string;
  issuer: string;
  /** ISO 8601. */
  from: string;
  until: string;
  /** SHA-256, in hexadecimal with colons. */
  fingerprint: string;
  /** May issue others. */
  ca: boolean;
  /** What is the matter with it, one sentence each: expired, or not a CA where one is wanted. */
  warnings: string[];
}

export interface CertificatesResults {
  'underpass/certificates/describe': {
    /** In PEM, as the field keeps them: one after another, nothing else. */
    pem: string;
    certificates: CertificateDescription[];
  };
}
