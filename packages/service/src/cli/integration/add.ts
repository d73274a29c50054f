import { readFileSync } from 'node:fs';

import type { Json, Results } from '@underpass/protocol';
import { Command } from 'commander';

import { fail, systemCode } from '../../serviceError.js';
import { withExamples } from '../examples.js';
import { type Terminal, withService } from '../session.js';
import {
  assign,
  collect,
  readInput,
  secretsOnCommandLine
} from './assignments.js';
import { marksFrom, type MarkOptions, withMarks } from './marks.js';

interface AddOptions extends MarkOptions {
  type?: string;
  name?: string;
  url?: string;
  set?: string[];
  secret?: string[];
  from?: string;
  connect: boolean;
}

/** What `--from` reads; the rest of the options adds to it. */
interface Given {
  type?: string;
  name?: string;
  fields: { [field: string]: Json };
  secrets: { [field: string]: string };
}

export function addCommand(): Command {
  const command = withMarks(new Command('add'))
    .description('Add an integration and connect it to the project')
    .option('--type <id>', 'type of integration')
    .option('--name <name>', 'its name')
    .option(
      '--url <url>',
      'a connection URL that fills in type, fields and secrets; "-" reads it from stdin'
    )
    .option(
      '--set <field=value>',
      'a field, or one entry of it as FIELD.NAME=VALUE (repeatable)',
      collect
    )
    .option(
      '--secret <field=value>',
      'a secret field; "-" as the value reads it from stdin, FIELD alone asks for it (repeatable)',
      collect
    )
    .option('--from <file>', 'JSON file with type, name, fields, secrets')
    .option('--no-connect', 'do not connect it to the project')
    .action(
      withService(async (terminal, options: AddOptions) => {
        const { client, output, folder, interactive } = terminal;
        const file = readFile(options.from);
        const { set = [], secret = [] } = options;
        const input = await readInput(options.url, secret, interactive);
        const wanted = options.type ?? file.type;
        const url =
          input.url === undefined
            ? undefined
            : await parseUrl(terminal, input.url, wanted);
        const { types } = await client.request('underpass/types/list', {});
        const type = wanted ?? url?.type ?? '';
        const added = await client.request('underpass/integrations/add', {
          folder,
          type,
          name: options.name ?? file.name ?? '',
          fields: assign(
            { ...url?.fields, ...file.fields },
            set,
            types.find(({ id }) => id === type)
          ),
          secrets: { ...url?.secrets, ...file.secrets, ...input.secrets },
          marks: marksFrom(options),
          connect: options.connect
        });
        output.result(added, () => [`Added "${added.name}".`]);
      })
    );
  return withExamples(
    command,
    'underpass integration add --type postgresql --name "My DB" \\',
    '  --set host=db.internal --set user=me --set database=shop \\',
    '  --set sshEnabled=true --set sshHost=bastion.example.org --set sshUser=me \\',
    '  --secret password',
    'underpass integration add --name "My DB" --url - < url.txt',
    'underpass integration add --from integration.json --secret password=- < password.txt'
  ).addHelpText('after', `\n${secretsOnCommandLine}`);
}

async function parseUrl(
  { client, output }: Terminal,
  url: string,
  type: string | undefined
): Promise<Results['underpass/integrations/parseUrl']> {
  const parsed = await client.request('underpass/integrations/parseUrl', {
    url,
    ...(type ? { type } : {})
  });
  if (type && parsed.type !== type) {
    throw fail(
      'invalid-request',
      'request',
      `The URL is one of the type "${parsed.type}", not "${type}".`,
      'Leave out --type, or --url.'
    );
  }
  for (const remark of parsed.remarks) {
    output.remark(remark);
  }
  return parsed;
}

function readFile(path: string | undefined): Given {
  if (path === undefined) {
    return { fields: {}, secrets: {} };
  }
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    throw fail(
      'invalid-request',
      'request',
      `${path} can not be read (${systemCode(error) ?? String(error)}).`,
      'Check the path given with --from.'
    );
  }
  let given: unknown;
  try {
    given = JSON.parse(content);
  } catch {
    // What stands in it may be a secret: the parser's own message quotes it.
    throw noIntegration(path, 'it is not JSON');
  }
  return checked(path, given);
}

function checked(path: string, given: unknown): Given {
  if (!isObject(given)) {
    throw noIntegration(path, 'it is not an object');
  }
  const { type, name, fields = {}, secrets = {}, ...others } = given;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    throw noIntegration(path, `"${unknown}" is none of its members`);
  }
  for (const [member, value] of Object.entries({ type, name })) {
    if (value !== undefined && typeof value !== 'string') {
      throw noIntegration(path, `"${member}" is not text`);
    }
  }
  if (!isObject(fields)) {
    throw noIntegration(path, '"fields" is not an object');
  }
  if (
    !isObject(secrets) ||
    !Object.values(secrets).every(value => typeof value === 'string')
  ) {
    throw noIntegration(path, '"secrets" is not an object of texts');
  }
  return { ...given, fields, secrets } as Given;
}

const isObject = (value: unknown): value is { [member: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function noIntegration(path: string, why: string): Error {
  return fail(
    'invalid-request',
    'request',
    `${path} is no integration: ${why}.`,
    'Give {"type": …, "name": …, "fields": {…}, "secrets": {…}}.'
  );
}
