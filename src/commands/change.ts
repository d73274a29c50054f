import type { IDisposable } from '@lumino/disposable';
import { DisposableSet } from '@lumino/disposable';

import { CommandIDs } from '../commandIds';
import type { CommandContext } from './context';

/** What changes the integrations of the workspace. */
export function addChangeCommands(context: CommandContext): IDisposable {
  const { commands, model, trans, notebook, reveal } = context.options;
  const describedBy = context.integration;
  const mayWrite = () => model.may('write');
  return DisposableSet.from([
    commands.addCommand(CommandIDs.edit, {
      label: trans.__('Edit…'),
      describedBy,
      isVisible: args => {
        const integration = context.find(args);
        // Without its type nobody knows its form.
        return mayWrite() && !!integration && !!model.typeOf(integration);
      },
      execute: context.withOne(async integration => {
        const { EditDialog } = await import('../dialogs/edit');
        const path = notebook?.path ?? '';
        const dialog = new EditDialog(model, integration, path, trans);
        const { value } = await dialog.launch();
        if (value) {
          await context.prewarm(value);
        }
      })
    }),
    commands.addCommand(CommandIDs.duplicate, {
      label: trans.__('Duplicate'),
      caption: trans.__('Make a copy with the same settings and secrets'),
      describedBy,
      isVisible: args => mayWrite() && !context.find(args)?.unusable,
      execute: context.withOne(async ({ id }) => {
        const copy = await model.request('underpass/integrations/duplicate', {
          integration: id
        });
        await model.refresh();
        reveal(copy.id);
      })
    }),
    commands.addCommand(CommandIDs.remove, {
      label: trans.__('Delete…'),
      describedBy,
      isVisible: mayWrite,
      execute: context.withOne(async integration => {
        const { DeleteDialog } = await import('../dialogs/delete');
        const { button } = await new DeleteDialog(
          model,
          integration,
          trans
        ).launch();
        if (button.accept) {
          await model.request('underpass/integrations/remove', {
            integration: integration.id
          });
        }
      })
    })
  ]);
}
