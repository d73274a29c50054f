import { X509Certificate } from 'node:crypto';

/** Names of a certificate that are worth to be shown. */
const mostNames = 20;

export type Certificate = {
  subject: string;
  issuer: string;
  names: string[];
  /** ISO 8601. */
  from: string;
  until: string;
  fingerprint: string;
};

/**
 * What people want to know of a server's certificate.
 * @param der in Base64
 */
export function describeCertificate(
  der: string | undefined
): Certificate | undefined {
  if (!der) {
    return undefined;
  }
  try {
    const certificate = new X509Certificate(Buffer.from(der, 'base64'));
    return {
      subject: oneLine(certificate.subject),
      issuer: oneLine(certificate.issuer),
      names: names(certificate),
      from: date(certificate.validFrom),
      until: date(certificate.validTo),
      fingerprint: certificate.fingerprint256
    };
  } catch {
    return undefined;
  }
}

/** `Nov 23 09:00:00 2026 GMT` in ISO 8601. */
function date(text: string): string {
  return new Date(text).toISOString();
}

function names({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)]
    .map(([, name = '']) => name)
    .slice(0, mostNames);
}

function oneLine(name: string): string {
  return name.split('\n').join(', ');
}
