import type { Fields, IntegrationDefinition } from './define.js';
import { driverOptions, optionalText, secretText, text } from './fields.js';
import { databaseTexts } from './howToUse.js';
import { readUrl } from './urlParts.js';

/** Options that fields decide. The connector knows which others there are. */
const decided: { [option: string]: string } = {
  project: 'project',
  location: 'location',
  dataset: 'dataset',
  default_dataset: 'dataset',
  credentials: 'serviceAccountKey',
  credentials_path: 'serviceAccountKey',
  credentials_base64: 'serviceAccountKey'
};

export const bigquery: IntegrationDefinition = {
  id: 'bigquery',
  label: 'BigQuery',
  kind: 'database',
  ssh: 'none',
  tls: 'always',
  shape: {
    project: text('Project', 'That queries are billed to'),
    serviceAccountKey: secretText(
      'Service account key',
      'Content of the JSON file; empty means the credentials of the machine (gcloud auth application-default login)'
    ),
    location: optionalText('Location', 'Such as EU or us-central1'),
    dataset: optionalText('Dataset', 'That table names without one are in'),
    options: driverOptions(
      'maximum_bytes_billed = 10000000000, or api_endpoint = https://bigquery-acme.p.googleapis.com',
      decided
    )
  },
  links: [
    {
      label: 'Service account keys',
      url: 'https://cloud.google.com/iam/docs/keys-create-delete'
    }
  ],
  keywords: ['google', 'gcp'],
  urlSchemes: ['bigquery'],
  fromUrl: url => {
    const { host: project, path, options } = readUrl(url);
    const location = options.find(([name]) => name === 'location')?.[1];
    const given = { project, dataset: path.split('/')[0], location };
    return {
      fields: Object.fromEntries(
        Object.entries(given).filter(([, value]) => value)
      ) as { [field: string]: string },
      secrets: {},
      remarks: options
        .filter(([name]) => name !== 'location')
        .map(([name]) => `${name} was left out: BigQuery has no such field.`)
    };
  },
  wrong: fields =>
    /^https:\/\/[^/]/.test(endpointOf(fields)) &&
    URL.canParse(endpointOf(fields))
      ? undefined
      : {
          field: 'options',
          reason: 'must have an https:// address as api_endpoint'
        },
  remote: fields => {
    const url = new URL(endpointOf(fields));
    return { host: url.hostname, port: Number(url.port || 443) };
  },
  howToUse: context => [
    ...databaseTexts(context, 'SELECT SESSION_USER()', { engine: false }),
    {
      title: 'With google-cloud-bigquery',
      language: 'python',
      code: [
        'from google.cloud import bigquery',
        '',
        `client = bigquery.Client(project=${JSON.stringify(context.fields.project)})`,
        'frame = client.query("SELECT SESSION_USER()").to_dataframe()'
      ].join('\n')
    }
  ]
};

function endpointOf({ options }: Fields): string {
  const { api_endpoint: own } = (options ?? {}) as { [option: string]: string };
  return own ?? 'https://bigquery.googleapis.com';
}
