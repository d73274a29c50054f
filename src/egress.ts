import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';

import { CommandIDs } from './commandIds';
import { egressIcon } from './icons';
import type { IIntegrationsModel } from './tokens';

/**
 * Register the command that shows which addresses to authorize. It is hidden while the administrator does not want it.
 */
export function addEgressCommand(options: {
  commands: CommandRegistry;
  model: IIntegrationsModel;
  trans: TranslationBundle;
}): IDisposable {
  const { commands, model, trans } = options;
  return commands.addCommand(CommandIDs.egress, {
    label: trans.__('Authorize IP addresses…'),
    caption: trans.__('Authorize IP addresses'),
    icon: egressIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          integration: {
            type: 'string',
            description: trans.__('Id or name of the integration it is for')
          }
        }
      }
    },
    isVisible: () => model.listing?.policy.egress !== false,
    execute: async args => {
      if (!model.listing) {
        await model.refresh();
      }
      const reference = args.integration;
      const { EgressDialog } = await import('./dialogs/egress');
      await new EgressDialog(
        model,
        typeof reference === 'string' ? model.find(reference)?.id : undefined,
        trans
      ).launch();
    }
  });
}
