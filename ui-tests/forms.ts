/** What a person types into the form of each type: what is required, and what shows the rest of the form. */
export interface FormValues {
  /** What the picker calls the type. */
  label: string;
  /** By label of the field; `true` checks a box. */
  values: { [label: string]: string | number | true };
  /** Names and values below "More options". */
  options?: { [name: string]: string };
  /** A connection URL, and what its paste leaves in fields. */
  url?: { text: string; fills: { [label: string]: string } };
}

export const strict =
  'Strict: always encrypted, certificate and host name are checked';

const ssh = {
  'Connect through an SSH bastion': true,
  'SSH host': 'bastion.example.org',
  'SSH user': 'me'
} as const;

/** By id of the type: every type that is registered must be here. */
export const forms: { [type: string]: FormValues } = {
  postgresql: {
    label: 'PostgreSQL',
    values: {
      Host: 'db.internal',
      User: 'reporting',
      Password: 'a password',
      Database: 'shop',
      TLS: strict,
      ...ssh
    },
    options: { application_name: 'report', search_path: 'sales' },
    url: {
      text: 'postgresql://reporting:a%20password@db.internal:6543/shop?sslmode=verify-full',
      fills: {
        Host: 'db.internal',
        Port: '6543',
        User: 'reporting',
        Password: 'a password',
        Database: 'shop',
        TLS: strict
      }
    }
  },
  mongodb: {
    label: 'MongoDB',
    values: {
      Host: 'mongo.internal',
      User: 'reporting',
      Password: 'a password',
      Database: 'shop',
      ...ssh
    },
    options: { appName: 'report' }
  },
  'ssh-tunnel': {
    label: 'SSH tunnel',
    values: {
      'SSH host': 'bastion.example.org',
      'SSH user': 'me',
      'Remote host': 'api.internal',
      'Remote port': 8080
    },
    url: {
      text: 'ssh://me@bastion.example.org:2222',
      fills: { 'SSH host': 'bastion.example.org', 'SSH port': '2222' }
    }
  }
};
