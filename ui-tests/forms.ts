import { generateKeyPairSync } from 'node:crypto';

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

export const strict = 'Strict';

const ssh = {
  'Connect through an SSH bastion': true,
  'SSH host': 'bastion.example.org',
  'SSH user': 'me'
} as const;

/** Nobody's. */
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' }
});
const serviceAccount = JSON.stringify({
  type: 'service_account',
  project_id: 'my-project-123',
  private_key_id: 'none',
  private_key: privateKey,
  client_email: 'reporting@my-project-123.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token'
});

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
    options: { appName: 'report' },
    url: {
      text: 'mongodb://reporting:pw@mongo.internal:27018/shop?authSource=admin',
      fills: {
        Port: '27018',
        User: 'reporting',
        Password: 'pw',
        Database: 'shop'
      }
    }
  },
  sqlserver: {
    label: 'SQL Server',
    values: {
      Host: 'sql.internal',
      User: 'reporting',
      Password: 'a password',
      Database: 'shop',
      ...ssh
    },
    options: { ApplicationIntent: 'ReadOnly' },
    url: {
      text: 'jdbc:sqlserver://sql.internal:1533;databaseName=shop;user=reporting;password=a password',
      fills: {
        Host: 'sql.internal',
        Port: '1533',
        User: 'reporting',
        Password: 'a password',
        Database: 'shop'
      }
    }
  },
  redshift: {
    label: 'Amazon Redshift',
    values: {
      Endpoint: 'shop.abc.eu-west-1.redshift.amazonaws.com',
      User: 'reporting',
      Password: 'a password',
      Database: 'shop'
    },
    options: { application_name: 'report' },
    url: {
      text: 'redshift://reporting@shop.example.org:5439/shop',
      fills: { Endpoint: 'shop.example.org', Database: 'shop' }
    }
  },
  mysql: {
    label: 'MySQL',
    values: {
      Host: 'mysql.internal',
      User: 'reporting',
      Password: 'a password',
      Database: 'shop',
      ...ssh
    },
    url: {
      text: 'mysql://reporting:a%20password@mysql.internal/shop?ssl-mode=VERIFY_IDENTITY',
      fills: {
        Host: 'mysql.internal',
        Port: '3306',
        Password: 'a password',
        TLS: strict
      }
    }
  },
  clickhouse: {
    label: 'ClickHouse',
    values: {
      Host: 'clickhouse.internal',
      User: 'reporting',
      Password: 'a password',
      Database: 'shop',
      ...ssh
    },
    url: {
      text: 'clickhouse://reporting@clickhouse.internal:8123/shop',
      fills: { Host: 'clickhouse.internal', Port: '8123', Database: 'shop' }
    }
  },
  mindsdb: {
    label: 'MindsDB',
    values: {
      Host: 'mindsdb.internal',
      User: 'mindsdb',
      Password: 'a password',
      ...ssh
    },
    url: {
      text: 'mindsdb://mindsdb@mindsdb.internal/mindsdb',
      fills: { Host: 'mindsdb.internal', Port: '47335' }
    }
  },
  bigquery: {
    label: 'BigQuery',
    values: {
      Project: 'my-project-123',
      'Service account key': serviceAccount,
      Location: 'EU',
      Dataset: 'shop'
    },
    url: {
      text: 'bigquery://my-project-123/shop',
      fills: { Project: 'my-project-123', Dataset: 'shop' }
    }
  },
  mariadb: {
    label: 'MariaDB',
    values: {
      Host: 'mariadb.internal',
      User: 'reporting',
      Password: 'a password',
      Database: 'shop',
      ...ssh
    },
    url: {
      text: 'mariadb://reporting@mariadb.internal/shop',
      fills: { Host: 'mariadb.internal', Port: '3306', Database: 'shop' }
    }
  },
  dremio: {
    label: 'Dremio',
    values: {
      Host: 'dremio.internal',
      'Personal access token': 'a token',
      Schema: 'Samples.sales',
      ...ssh
    },
    url: {
      text: 'dremio+flight://reporting:pw@dremio.internal:32010/',
      fills: { Host: 'dremio.internal', Port: '32010', Password: 'pw' }
    }
  },
  trino: {
    label: 'Trino',
    values: {
      Host: 'trino.internal',
      User: 'reporting',
      Password: 'a password',
      Catalog: 'tpch',
      Schema: 'tiny',
      ...ssh
    },
    url: {
      text: 'trino://reporting@trino.internal:8443/tpch/tiny',
      fills: { Port: '8443', Catalog: 'tpch', Schema: 'tiny' }
    }
  },
  snowflake: {
    label: 'Snowflake',
    values: {
      Account: 'myorg-shop',
      User: 'reporting',
      Password: 'a password',
      Warehouse: 'small',
      Database: 'shop'
    },
    url: {
      text: 'snowflake://reporting:pw@myorg-shop/shop/public?warehouse=small',
      fills: {
        Account: 'myorg-shop',
        Database: 'shop',
        Schema: 'public',
        Warehouse: 'small'
      }
    }
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
