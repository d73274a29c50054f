import {
  Clipboard,
  Dialog,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { DisposableSet } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { HowToUse, Integration } from '@underpass/protocol';

import { CommandIDs } from './commandIds';
import { asFailure } from './failures';
import { keyIcon, underpassIcon } from './icons';
import type { IKernelPlace } from './kernelPlace';
import type { IIntegrationsModel } from './tokens';

export interface ICommandOptions {
  commands: CommandRegistry;
  model: IIntegrationsModel;
  trans: TranslationBundle;
  /** Where the current kernel runs; absent where the application has no notebooks. */
  place: IKernelPlace | null;
  /** The open notebook; absent where the application has none. */
  notebook: INotebookTarget | null;
}

/** Where "Insert into notebook" inserts. */
export interface INotebookTarget {
  /** Contents path of the open notebook; '' when none is open. */
  readonly path: string;
  /** Whether code in this language runs in the open notebook; false when none is open. */
  accepts(language: HowToUse['language']): boolean;
  /** Put code below the active cell, or into it while it is empty. */
  insert(code: string): void;
}

const noArguments = { args: { type: 'object', properties: {} } };
const oneIntegration = (description: string) => ({
  args: {
    type: 'object',
    properties: { integration: { type: 'string', description } },
    required: ['integration']
  }
});

/**
 * Register what can be done with integrations.
 */
export function addCommands(options: ICommandOptions): IDisposable {
  const { commands, model, trans } = options;
  const about = oneIntegration(trans.__('Id or name of the integration'));
  const of = (args: ReadonlyPartialJSONObject) =>
    model.find(String(args.integration ?? ''));
  /** Run something about the integration that was named, and show it when that fails. */
  const withOne =
    (run: (integration: Integration) => Promise<void>) =>
    async (args: ReadonlyPartialJSONObject) => {
      const integration = of(args);
      if (integration) {
        await reporting(trans, () => run(integration));
        await model.refresh();
      }
    };
  const prewarm = async ({ name, forward }: Integration) => {
    if (forward && model.may('execute')) {
      await model.request('underpass/integrations/prewarm', {
        integrations: [name],
        retry: true
      });
    }
  };

  const added = new DisposableSet();
  added.add(
    commands.addCommand(CommandIDs.add, {
      label: trans.__('Add integration…'),
      caption: trans.__('Add integration'),
      icon: underpassIcon,
      describedBy: noArguments,
      isVisible: () => model.may('write'),
      execute: async () => {
        if (!model.listing) {
          await model.refresh();
        }
        const { AddDialog } = await import('./dialogs/add');
        const { value } = await new AddDialog(model, trans).launch();
        if (value) {
          await model.refresh();
          await reporting(trans, () => prewarm(value));
        }
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.showKey, {
      label: trans.__('Workspace SSH key…'),
      caption: trans.__('Workspace SSH key'),
      icon: keyIcon,
      describedBy: noArguments,
      isVisible: () => model.listing?.policy.sshTunnels !== false,
      execute: async () => {
        const { SshKeyDialog } = await import('./dialogs/sshKey');
        await new SshKeyDialog(model, trans).launch();
      }
    })
  );
  added.add(
    commands.addCommand(CommandIDs.howToUse, {
      label: trans.__('How to use'),
      describedBy: about,
      execute: withOne(async integration => {
        const answer = await model.request('underpass/integrations/howToUse', {
          integration: integration.id
        });
        const { HowToUseDialog } = await import('./dialogs/howToUse');
        await new HowToUseDialog({
          integration,
          answer,
          starter: options.place?.starter ?? null,
          insertable: ({ language }) =>
            options.notebook?.accepts(language) ?? false,
          insert: ({ code }) => options.notebook?.insert(code),
          trans
        }).launch();
      })
    })
  );
  added.add(
    commands.addCommand(CommandIDs.copyVariables, {
      label: trans.__('Copy variable names'),
      describedBy: about,
      isVisible: args => of(args)?.forward !== undefined,
      execute: withOne(async ({ id }) => {
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
  );
  added.add(
    commands.addCommand(CommandIDs.test, {
      label: trans.__('Test connection'),
      describedBy: about,
      isVisible: () => model.may('execute'),
      execute: withOne(async integration => {
        const { TestDialog } = await import('./dialogs/testConnection');
        const path = options.notebook?.path ?? '';
        await new TestDialog(model, integration, path, trans).launch();
      })
    })
  );
  added.add(
    commands.addCommand(CommandIDs.openTunnel, {
      label: trans.__('Open tunnel'),
      caption: trans.__('Connect to the bastion now, not only when it is used'),
      describedBy: about,
      isVisible: args => {
        const integration = of(args);
        return (
          model.may('execute') &&
          integration?.connected === true &&
          integration.forward !== undefined &&
          integration.forward.state.kind !== 'up'
        );
      },
      execute: withOne(prewarm)
    })
  );
  added.add(
    commands.addCommand(CommandIDs.connect, {
      label: trans.__('Connect'),
      caption: trans.__('Use it in this project'),
      describedBy: about,
      isVisible: args => model.may('execute') && of(args)?.connected === false,
      execute: withOne(async ({ id }) => {
        await prewarm(
          await model.request('underpass/integrations/connect', {
            integration: id
          })
        );
      })
    })
  );
  added.add(
    commands.addCommand(CommandIDs.disconnect, {
      label: trans.__('Disconnect'),
      caption: trans.__('Do not use it in this project any more'),
      describedBy: about,
      isVisible: args => model.may('execute') && of(args)?.connected === true,
      execute: withOne(async ({ id }) => {
        await model.request('underpass/integrations/disconnect', {
          integration: id
        });
      })
    })
  );
  added.add(
    commands.addCommand(CommandIDs.remove, {
      label: trans.__('Delete…'),
      describedBy: about,
      isVisible: () => model.may('write'),
      execute: withOne(async ({ id, name }) => {
        const { button } = await showDialog({
          title: trans.__('Delete “%1”?', name),
          body: trans.__(
            'Its settings and secrets are deleted from the workspace, for all projects. Cells that use it stop working.'
          ),
          buttons: [
            Dialog.cancelButton(),
            Dialog.warnButton({ label: trans.__('Delete') })
          ],
          defaultButton: 0
        });
        if (button.accept) {
          await model.request('underpass/integrations/remove', {
            integration: id
          });
        }
      })
    })
  );
  return added;
}

/** Run something; when it fails, show what happened and what to do. */
async function reporting(
  trans: TranslationBundle,
  run: () => Promise<void>
): Promise<void> {
  try {
    await run();
  } catch (error) {
    const { showFailure } = await import('./dialogs/failure');
    await showFailure(asFailure(error, trans), trans);
  }
}
