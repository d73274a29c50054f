import type { IDisposable } from '@lumino/disposable';
import { DisposableSet } from '@lumino/disposable';

import { CommandIDs } from '../commandIds';
import { isOpen } from '../tunnels';
import type { CommandContext } from './context';

/** What is done with the way to an integration. */
export function addConnectionCommands(context: CommandContext): IDisposable {
  const { commands, model, trans, notebook } = context.options;
  const describedBy = context.integration;
  return DisposableSet.from([
    commands.addCommand(CommandIDs.test, {
      label: trans.__('Test connection'),
      describedBy,
      isVisible: () => model.may('execute'),
      execute: context.withOne(async integration => {
        const { TestDialog } = await import('../dialogs/testConnection');
        const path = notebook?.path ?? '';
        await new TestDialog(model, integration, path, trans).launch();
      })
    }),
    commands.addCommand(CommandIDs.openTunnel, {
      label: trans.__('Open tunnel'),
      caption: trans.__('Connect to the bastion now, not only when it is used'),
      describedBy,
      isVisible: args => {
        const integration = context.find(args);
        return (
          model.may('execute') &&
          integration?.connected === true &&
          integration.forward !== undefined &&
          integration.forward.state.kind !== 'up'
        );
      },
      execute: context.withOne(integration => context.prewarm(integration))
    }),
    commands.addCommand(CommandIDs.closeTunnel, {
      label: trans.__('Shut down tunnel'),
      caption: trans.__('End its connections until it is used again'),
      describedBy,
      isVisible: args => {
        const integration = context.find(args);
        return model.may('execute') && !!integration && isOpen(integration);
      },
      execute: context.withOne(async ({ id }) => {
        await model.request('underpass/tunnels/close', { integration: id });
      })
    }),
    commands.addCommand(CommandIDs.connect, {
      label: trans.__('Connect'),
      caption: trans.__('Use it in this project'),
      describedBy,
      isVisible: args =>
        model.may('execute') && context.find(args)?.connected === false,
      execute: context.withOne(async ({ id }) => {
        await context.prewarm(
          await model.request('underpass/integrations/connect', {
            integration: id
          })
        );
      })
    }),
    commands.addCommand(CommandIDs.disconnect, {
      label: trans.__('Disconnect'),
      caption: trans.__('Do not use it in this project any more'),
      describedBy,
      isVisible: args =>
        model.may('execute') && context.find(args)?.connected === true,
      execute: context.withOne(async ({ id }) => {
        await model.request('underpass/integrations/disconnect', {
          integration: id
        });
      })
    })
  ]);
}
