import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import type { IntegrationType, Json, Results } from '@underpass/protocol';
import { Command } from 'commander';
import { z } from 'zod';

import { fail, systemCode } from '../serviceError.js';
import type { Terminal } from './session.js';
import { withService } from './session.js';

interface AddOptions {
  type?: string;
  name?: string;
  url?: string;
  set: string[];
  secret: string[];
  from?: string;
  connect: boolean;
}

/** What `--from` reads; the rest of the options adds to it. */
const fileSchema = z.strictObject({
  type: z.string().optional(),
  name: z.string().optional(),
  fields: z.record(z.string(), z.json()).default({}),
  secrets: z.record(z.string(), z.string()).default({})
});

const collect = (value: string, all: string[]) => [...all, value];

export function addCommand(): Command {
  return new Command('add')
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
      collect,
      []
    )
    .option(
      '--secret <field=value>',
      'a secret field; "-" as the value reads it from stdin (repeatable)',
      collect,
      []
    )
    .option('--from <file>', 'JSON file with type, name, fields, secrets')
    .option('--no-connect', 'do not connect it to the project')
    .addHelpText(
      'after',
      [
        '',
        'Examples:',
        '  underpass integration add --type postgresql --name "My DB" \\',
        '    --set host=db.internal --set user=me --set database=shop \\',
        '    --set sshEnabled=true --set sshHost=bastion.example.org --set sshUser=me \\',
        '    --secret password=- < password.txt',
        '  underpass integration add --name "My DB" --url - < url.txt',
        '',
        'What stands on the command line, passwords too, can be seen by other users of the machine: give them by stdin.'
      ].join('\n')
    )
    .action(
      withService(async (terminal, options: AddOptions) => {
        const { client, output, folder } = terminal;
        const file = readFile(options.from);
        const input = await readInput(options);
        const wanted = options.type ?? file.type;
        const url =
          input.url === undefined
            ? undefined
            : await parseUrl(terminal, input.url, wanted);
        const { types } = await client.request('underpass/types/list', {});
        const type = wanted ?? url?.type ?? '';
        const schema = types.find(({ id }) => id === type);
        const added = await client.request('underpass/integrations/add', {
          folder,
          type,
          name: options.name ?? file.name ?? '',
          fields: withEntries(
            { ...url?.fields, ...file.fields },
            typedFields(options.set, schema)
          ),
          secrets: { ...url?.secrets, ...file.secrets, ...input.secrets },
          connect: options.connect
        });
        output.result(added, () => [`Added "${added.name}".`]);
      })
    );
}

async function parseUrl(
  { client }: Terminal,
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
    process.stderr.write(`underpass: ${remark}\n`);
  }
  return parsed;
}

function readFile(path: string | undefined): z.infer<typeof fileSchema> {
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
  try {
    return fileSchema.parse(JSON.parse(content));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    throw fail(
      'invalid-request',
      'request',
      `${path} is no integration: ${issue ? `${issue.path.join('.')} ${issue.message}` : 'it is not JSON'}.`,
      'Give {"type": …, "name": …, "fields": {…}, "secrets": {…}}.'
    );
  }
}

type Assignment = [path: string[], value: Json];

/** Everything on a command line is text; the type's schema says what is a number or a switch. */
function typedFields(
  assignments: readonly string[],
  type: IntegrationType | undefined
): Assignment[] {
  const properties = (type?.schema.properties ?? {}) as {
    [field: string]: { type?: string };
  };
  return assignments.map(assignment => {
    const [path, value] = split(assignment, '--set');
    const [, field = '', entry] = /^([^.]*)\.(.*)$/.exec(path) ?? [];
    if (properties[field]?.type === 'object' && entry) {
      return [[field, entry], value];
    }
    switch (properties[path]?.type) {
      case 'integer':
        return [[path], /^\d+$/.test(value) ? Number(value) : value];
      case 'boolean':
        return [
          [path],
          value === 'true' || (value === 'false' ? false : value)
        ];
      default:
        return [[path], value];
    }
  });
}

/** `fields` with the assignments made, in order. */
function withEntries(
  fields: { [field: string]: Json },
  assignments: readonly Assignment[]
): { [field: string]: Json } {
  const result = { ...fields };
  for (const [[field = '', entry], value] of assignments) {
    result[field] =
      entry === undefined
        ? value
        : { ...(result[field] as object | undefined), [entry]: value };
  }
  return result;
}

/** The URL and the secrets, what is "-" from stdin. */
async function readInput(options: AddOptions): Promise<{
  url: string | undefined;
  secrets: { [field: string]: string };
}> {
  const given = options.secret.map(assignment => split(assignment, '--secret'));
  const fromStdin = [options.url, ...given.map(([, value]) => value)].filter(
    value => value === '-'
  );
  if (fromStdin.length > 1) {
    throw fail(
      'invalid-request',
      'request',
      'Only one value can be read from stdin.',
      'Give the others in the file of --from.'
    );
  }
  const line =
    fromStdin.length === 0
      ? ''
      : (await text(process.stdin)).replace(/\r?\n$/, '');
  const value = (typed: string) => (typed === '-' ? line : typed);
  return {
    url: options.url === undefined ? undefined : value(options.url),
    secrets: Object.fromEntries(
      given.map(([field, typed]) => [field, value(typed)])
    )
  };
}

function split(assignment: string, option: string): [string, string] {
  const at = assignment.indexOf('=');
  if (at <= 0) {
    throw fail(
      'invalid-request',
      'request',
      `${option} takes FIELD=VALUE.`,
      `Write, for example, ${option} host=db.internal.`
    );
  }
  return [assignment.slice(0, at), assignment.slice(at + 1)];
}
