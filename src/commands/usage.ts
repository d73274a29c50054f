import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { IDisposable } from '@lumino/disposable';
import { DisposableSet } from '@lumino/disposable';

import { CommandIDs } from '../commandIds';
import type { CommandContext } from './context';

/** What helps to use an integration in a notebook. */
export function addUsageCommands(context: CommandContext): IDisposable {
  const { commands, model, trans, notebook, place } = context.options;
  return DisposableSet.from([
    commands.addCommand(CommandIDs.howToUse, {
      label: trans.__('How to use'),
      describedBy: context.integration,
      execute: context.withOne(async integration => {
        const answer = await model.request('underpass/integrations/howToUse', {
          integration: integration.id
        });
        const { HowToUseDialog } = await import('../dialogs/howToUse');
        await new HowToUseDialog({
          integration,
          answer,
          starter: place?.starter ?? null,
          followed: notebook?.path
            ? notebook.accepts('python') || notebook.accepts('r')
            : null,
          insertable: ({ language }) => notebook?.accepts(language) ?? false,
          insert: ({ code }) => notebook?.insert(code),
          ...(model.may('write')
            ? {
                add: ({ type, fields }) =>
                  void commands.execute(CommandIDs.add, { type, fields })
              }
            : {}),
          trans
        }).launch();
      })
    }),
    commands.addCommand(CommandIDs.copyVariables, {
      label: trans.__('Copy variable names'),
      describedBy: context.integration,
      isVisible: args => context.find(args)?.forward !== undefined,
      execute: context.withOne(async ({ id }) => {
        const { variables } = await model.request(
          'underpass/integrations/howToUse',
          { integration: id }
        );
        const names = Object.keys(variables);
        Clipboard.copyToSystem(names.join('\n'));
        Notification.info(trans.__('Copied: %1', names.join(', ')), {
          autoClose: 4000
        });
      })
    })
  ]);
}
