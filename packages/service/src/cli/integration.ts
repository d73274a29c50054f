import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import type { Integration, IntegrationType, Json } from '@underpass/protocol';
import { Command } from 'commander';
import { z } from 'zod';

import { fail, systemCode } from '../serviceError.js';
import { table } from './output.js';
import { withService } from './session.js';

interface AddOptions {
  type?: string;
  name?: string;
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

export function integrationCommand(): Command {
  const command = new Command('integration').description(
    'The named connections of the workspace'
  );
  command
    .command('types')
    .description('List the types of integration with their fields')
    .action(
      withService(async ({ client, output }) => {
        const { types } = await client.request('underpass/types/list', {});
        output.result(types, () =>
          table(types.map(type => [type.id, type.label, type.order.join(' ')]))
        );
      })
    );
  command
    .command('list')
    .description(
      'List the integrations; * marks those connected to the project'
    )
    .action(
      withService(async ({ client, output, folder }) => {
        const { integrations } = await client.request(
          'underpass/integrations/list',
          { folder }
        );
        output.result(integrations, () =>
          table(
            integrations.map(integration => [
              integration.connected ? '*' : ' ',
              integration.name,
              integration.type,
              integration.connected
                ? (integration.forward?.state.kind ?? 'direct')
                : '-'
            ])
          )
        );
      })
    );
  command
    .command('add')
    .description('Add an integration and connect it to the project')
    .option('--type <id>', 'type of integration')
    .option('--name <name>', 'its name')
    .option('--set <field=value>', 'a field (repeatable)', collect, [])
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
        'Example:',
        '  underpass integration add --type postgresql --name "My DB" \\',
        '    --set host=db.internal --set user=me --set database=shop \\',
        '    --set sshEnabled=true --set sshHost=bastion.example.org --set sshUser=me \\',
        '    --secret password=- < password.txt'
      ].join('\n')
    )
    .action(
      withService(async ({ client, output, folder }, options: AddOptions) => {
        const file = readFile(options.from);
        const { types } = await client.request('underpass/types/list', {});
        const type = options.type ?? file.type ?? '';
        const schema = types.find(({ id }) => id === type);
        const added = await client.request('underpass/integrations/add', {
          folder,
          type,
          name: options.name ?? file.name ?? '',
          fields: { ...file.fields, ...typedFields(options.set, schema) },
          secrets: { ...file.secrets, ...(await readSecrets(options.secret)) },
          connect: options.connect
        });
        output.result(added, () => [`Added "${added.name}".`]);
      })
    );
  command
    .command('show <name>')
    .description('Show an integration; secrets are only said to be set')
    .action(
      withService(async ({ client, output, folder }, name: string) => {
        const integration = await client.request('underpass/integrations/get', {
          folder,
          integration: name
        });
        output.result(integration, () => describe(integration));
      })
    );
  command
    .command('remove <name>')
    .description('Remove an integration and its secrets')
    .action(
      withService(async ({ client, output }, name: string) => {
        await client.request('underpass/integrations/remove', {
          integration: name
        });
        output.result({}, () => [`Removed "${name}".`]);
      })
    );
  command
    .command('test <name>')
    .description('Walk the way to the server and say how far it goes')
    .action(
      withService(async ({ client, output }, name: string) => {
        const report = await client.request('underpass/integrations/test', {
          integration: name
        });
        output.result(report, () =>
          table(
            report.stages.map(result => [
              result.ok ? 'ok' : 'FAILED',
              result.stage,
              `${result.milliseconds} ms`
            ])
          )
        );
        const last = report.stages.at(-1);
        if (last && !last.ok) {
          const { code, stage, message, fix, detail } = last.failure;
          throw fail(code, stage, message, fix, detail);
        }
      })
    );
  return command;
}

function describe(integration: Integration): string[] {
  const { forward } = integration;
  return table([
    ['name', integration.name],
    ['type', integration.type],
    ['connected', integration.connected ? 'yes' : 'no'],
    ...Object.entries(integration.fields).map(([field, value]) => [
      field,
      String(value)
    ]),
    ...integration.secretsSet.map(field => [field, '(set)']),
    ...(forward
      ? [
          [
            'forward',
            `${forward.localHost}:${forward.localPort} → ${forward.bastion} → ${forward.remoteHost}:${forward.remotePort} (${forward.state.kind})`
          ]
        ]
      : [])
  ]);
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

/** Everything on a command line is text; the type's schema says what is a number or a switch. */
function typedFields(
  assignments: readonly string[],
  type: IntegrationType | undefined
): { [field: string]: Json } {
  const properties = (type?.schema.properties ?? {}) as {
    [field: string]: { type?: string };
  };
  return Object.fromEntries(
    assignments.map(assignment => {
      const [field, value] = split(assignment, '--set');
      switch (properties[field]?.type) {
        case 'integer':
          return [field, /^\d+$/.test(value) ? Number(value) : value];
        case 'boolean':
          return [
            field,
            value === 'true' || (value === 'false' ? false : value)
          ];
        default:
          return [field, value];
      }
    })
  );
}

async function readSecrets(
  assignments: readonly string[]
): Promise<{ [field: string]: string }> {
  const secrets: { [field: string]: string } = {};
  for (const assignment of assignments) {
    const [field, value] = split(assignment, '--secret');
    secrets[field] =
      value === '-' ? (await text(process.stdin)).replace(/\r?\n$/, '') : value;
  }
  return secrets;
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
