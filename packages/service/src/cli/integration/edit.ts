import type { IntegrationType } from '@underpass/protocol';
import { Command } from 'commander';

import { fail } from '../../serviceError.js';
import { withExamples } from '../examples.js';
import { withService } from '../session.js';
import {
  assign,
  collect,
  type Fields,
  readInput,
  secretsOnCommandLine
} from './assignments.js';
import { marksFrom, type MarkOptions, withMarks } from './marks.js';

interface EditOptions extends MarkOptions {
  name?: string;
  set?: string[];
  unset?: string[];
  secret?: string[];
}

export function editCommand(): Command {
  const command = withMarks(new Command('edit'))
    .argument('<name>', 'the integration')
    .description('Change fields, secrets, marks or the name of an integration')
    .option('--name <new>', 'its new name; the former one still finds it')
    .option(
      '--set <field=value>',
      'a field, or one entry of it as FIELD.NAME=VALUE (repeatable)',
      collect
    )
    .option(
      '--unset <field>',
      'give a field its default back, or remove a secret (repeatable)',
      collect
    )
    .option(
      '--secret <field=value>',
      'a secret field; "-" as the value reads it from stdin, FIELD alone asks for it (repeatable)',
      collect
    )
    .action(
      withService(
        async (
          { client, output, folder, interactive },
          name: string,
          options: EditOptions
        ) => {
          const { name: newName, set = [], unset = [], secret = [] } = options;
          const marks = marksFrom(options);
          if (
            newName === undefined &&
            !marks &&
            set.length + unset.length + secret.length === 0
          ) {
            throw fail(
              'invalid-request',
              'request',
              'There is nothing to change.',
              'Give --set, --unset, --secret, --name or a mark; see underpass integration edit --help'
            );
          }
          const integration = await client.request(
            'underpass/integrations/get',
            { folder, integration: name }
          );
          const { types } = await client.request('underpass/types/list', {});
          const type = types.find(({ id }) => id === integration.type);
          const { secrets } = await readInput(undefined, secret, interactive);
          const removed = without(integration.fields, unset, type);
          const edited = await client.request('underpass/integrations/update', {
            folder,
            integration: integration.id,
            ...(newName === undefined ? {} : { name: newName }),
            ...(set.length + unset.length > 0
              ? { fields: assign(removed.fields, set, type) }
              : {}),
            secrets: { ...removed.secrets, ...secrets },
            marks
          });
          output.result(edited, () => [`Changed "${edited.name}".`]);
        }
      )
    );
  return withExamples(
    command,
    'underpass integration edit "My DB" --set host=db2.internal --set port=5433',
    'underpass integration edit "My DB" --secret password',
    'underpass integration edit "My DB" --secret password=- < password.txt',
    'underpass integration edit "My DB" --unset caCertificate --name "Shop"',
    'underpass integration edit "My DB" --production --read-only'
  ).addHelpText('after', `\n${secretsOnCommandLine}`);
}

/** What `--unset` leaves of the fields, and the secrets that it removes. */
function without(
  fields: Fields,
  unset: readonly string[],
  type: IntegrationType | undefined
): { fields: Fields; secrets: { [field: string]: null } } {
  const kept = structuredClone(fields);
  const secrets: { [field: string]: null } = {};
  for (const path of unset) {
    const [, field = '', entry = ''] = /^([^.]*)\.(.*)$/.exec(path) ?? [];
    const entries = kept[field];
    if (type?.secrets.includes(path)) {
      secrets[path] = null;
    } else if (Object.hasOwn(kept, path)) {
      delete kept[path];
    } else if (
      typeof entries === 'object' &&
      entries !== null &&
      Object.hasOwn(entries, entry)
    ) {
      delete (entries as Fields)[entry];
    } else if (!type?.order.includes(path)) {
      throw fail(
        'invalid-field',
        'request',
        `This integration has no field "${path}".`,
        `Use one of ${type?.order.join(', ') ?? 'its own'}.`,
        { field: path }
      );
    }
  }
  return { fields: kept, secrets };
}
