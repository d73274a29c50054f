import type { IDisposable } from '@lumino/disposable';
import { DisposableSet } from '@lumino/disposable';

import { CommandIDs } from '../commandIds';
import { keyIcon, underpassIcon } from '../icons';
import type { CommandContext } from './context';

/** What is done with the workspace as a whole. */
export function addWorkspaceCommands(context: CommandContext): IDisposable {
  const { commands, model, trans, reveal } = context.options;
  return DisposableSet.from([
    commands.addCommand(CommandIDs.add, {
      label: trans.__('Add integration…'),
      caption: trans.__('Add integration'),
      icon: underpassIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            type: {
              type: 'string',
              description: trans.__('Id of the type whose form is shown')
            },
            fields: {
              type: 'object',
              description: trans.__('What the form is filled in with')
            }
          }
        }
      },
      isVisible: () => model.may('write'),
      execute: async ({ type, fields }) => {
        if (!model.listing) {
          await model.refresh();
        }
        const { AddDialog } = await import('../dialogs/add');
        const start = {
          type: String(type ?? ''),
          fields: Object(fields) as object
        };
        // eslint-disable-next-line jupyter/require-disposable-ownership -- it disposes of itself when it is closed
        const { value } = await new AddDialog(model, trans, '', start).launch();
        if (value) {
          await model.refresh();
          await context.reporting(() => context.prewarm(value));
        }
      }
    }),
    commands.addCommand(CommandIDs.showKey, {
      label: trans.__('Workspace SSH key…'),
      caption: trans.__('Workspace SSH key'),
      icon: keyIcon,
      describedBy: context.nothing,
      isVisible: () => model.listing?.policy.sshTunnels !== false,
      execute: async () => {
        const { SshKeyDialog } = await import('../dialogs/sshKey');
        await new SshKeyDialog(model, trans).launch();
      }
    }),
    commands.addCommand(CommandIDs.showIntegrations, {
      label: trans.__('Show integrations'),
      caption: trans.__('Show the Integrations sidebar'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            integration: {
              type: 'string',
              description: trans.__('Id or name of the integration to go to')
            }
          }
        }
      },
      execute: args => reveal(context.find(args)?.id)
    })
  ]);
}
