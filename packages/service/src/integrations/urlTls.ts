import type { TlsMode } from '@underpass/protocol';

/** What an option of a URL asks for. `same`: our mode of that name means exactly this. */
interface Asked {
  mode: TlsMode;
  same: boolean;
  /** What it means where it comes from. */
  meaning: string;
}

const plain: Asked = {
  mode: 'preferred',
  same: false,
  meaning: 'asks for no encryption at all'
};
const authorityOnly: Asked = {
  mode: 'strict',
  same: false,
  meaning: 'checks the authority of the certificate but not the host name'
};
const same = (mode: TlsMode): Asked => ({ mode, same: true, meaning: '' });

/** Values of `sslmode` (PostgreSQL), `ssl-mode` (MySQL) and `sslMode` (their JDBC drivers). */
const modes: { [value: string]: Asked } = {
  disable: plain,
  disabled: plain,
  allow: {
    mode: 'preferred',
    same: false,
    meaning: 'encrypts only if the server insists'
  },
  prefer: same('preferred'),
  preferred: same('preferred'),
  require: same('required'),
  required: same('required'),
  trust: same('required'),
  'verify-ca': authorityOnly,
  verify_ca: authorityOnly,
  'verify-full': same('strict'),
  verify_identity: same('strict'),
  strict: same('strict')
};

/** A switch: tools do not agree on whether the certificate is checked then. */
const switchedOn: Asked = {
  mode: 'required',
  same: false,
  meaning: 'does not say whether the certificate is checked'
};
const switches: { [value: string]: Asked } = {
  true: switchedOn,
  '1': switchedOn,
  yes: switchedOn,
  on: switchedOn,
  false: plain,
  '0': plain,
  no: plain,
  off: plain
};

const options: { [name: string]: { [value: string]: Asked } } = {
  sslmode: modes,
  'ssl-mode': modes,
  ssl_mode: modes,
  ssl: { ...switches, ...modes },
  tls: { ...switches, ...modes },
  usessl: switches,
  requiressl: switches
};

/** Options that name files of the machine they were written on, and our field for their content. */
const files: { [name: string]: string } = {
  sslrootcert: 'caCertificate',
  sslca: 'caCertificate',
  'ssl-ca': 'caCertificate',
  ssl_ca: 'caCertificate',
  tlscafile: 'caCertificate',
  sslcert: 'clientCertificate',
  'ssl-cert': 'clientCertificate',
  ssl_cert: 'clientCertificate',
  sslkey: 'clientKey',
  'ssl-key': 'clientKey',
  ssl_key: 'clientKey'
};

export interface UrlTls {
  mode?: TlsMode;
  remarks: string[];
  /** Names of the options that were understood. */
  taken: ReadonlySet<string>;
}

/** What the options of a URL say about TLS. */
export function readTls(
  urlOptions: readonly (readonly [string, string])[]
): UrlTls {
  const remarks: string[] = [];
  const taken = new Set<string>();
  const demands: { text: string; asked: Asked }[] = [];
  for (const [name, value] of urlOptions) {
    const key = name.toLowerCase();
    const asked =
      options[key]?.[value.toLowerCase()] ??
      (key === 'sslrootcert' && value === 'system' ? same('strict') : null);
    if (asked) {
      demands.push({ text: `${name}=${value}`, asked });
    } else if (files[key]) {
      remarks.push(
        `${name} names a file: paste its content into the form (${files[key]}).`
      );
    } else {
      continue;
    }
    taken.add(name);
  }
  // The strictest decides.
  demands.sort((a, b) => rank(b.asked.mode) - rank(a.asked.mode));
  const mode = demands[0]?.asked.mode;
  const deciding = demands.filter(({ asked }) => asked.mode === mode);
  if (mode && !deciding.some(({ asked }) => asked.same)) {
    for (const { text, asked } of deciding) {
      remarks.unshift(
        `${text} ${asked.meaning}, which is none of the modes here: TLS is set to ${mode}.`
      );
    }
  }
  return { ...(mode ? { mode } : {}), remarks, taken };
}

function rank(mode: TlsMode): number {
  return ['preferred', 'required', 'strict'].indexOf(mode);
}
