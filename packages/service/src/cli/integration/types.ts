import type { IntegrationType } from '@underpass/protocol';
import { Command } from 'commander';

import { fail } from '../../serviceError.js';
import { withExamples } from '../examples.js';
import type { Piece } from '../screen.js';
import { withService } from '../session.js';

export function typesCommand(): Command {
  return withExamples(
    new Command('types')
      .argument('[type]', 'one of them, with what each of its fields is')
      .description('List the types of integration with their fields')
      .action(
        withService(async ({ client, output }, wanted?: string) => {
          const { types } = await client.request('underpass/types/list', {});
          if (wanted === undefined) {
            output.result(types, () =>
              output.table(
                types.map(type => [type.id, type.label, type.order.join(' ')])
              )
            );
            return;
          }
          const type = types.find(({ id }) => id === wanted.toLowerCase());
          if (!type) {
            throw fail(
              'unknown-type',
              'request',
              `There is no type "${wanted}".`,
              `Use one of ${types.map(({ id }) => id).join(', ')}.`
            );
          }
          output.result(type, () =>
            output.table(fields(type), { header: true })
          );
        })
      ),
    'underpass integration types',
    'underpass integration types postgresql'
  );
}

interface Property {
  type?: string;
  title?: string;
  default?: unknown;
  enum?: unknown[];
}

function fields({ schema, order, secrets }: IntegrationType): Piece[][] {
  const properties = (schema.properties ?? {}) as { [field: string]: Property };
  return [
    ['FIELD', 'VALUE', 'DEFAULT', 'WHAT IT IS'],
    ...order.map(field => {
      const {
        type,
        title,
        enum: values,
        default: usual
      } = properties[field] ?? {};
      return [
        field,
        secrets.includes(field)
          ? 'secret'
          : (values?.join(', ') ?? type ?? 'text'),
        usual === undefined || usual === '' ? '-' : JSON.stringify(usual),
        title ?? ''
      ];
    })
  ];
}
