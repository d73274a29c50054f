import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { CommandRegistry } from '@lumino/commands';
import type { HowToUse, Integration } from '@underpass/protocol';

import { asFailure } from '../failures';
import type { IKernelPlace } from '../kernelPlace';
import type { IIntegrationsModel } from '../tokens';

export interface ICommandOptions {
  commands: CommandRegistry;
  model: IIntegrationsModel;
  trans: TranslationBundle;
  /** Where the current kernel runs; absent where the application has no notebooks. */
  place: IKernelPlace | null;
  /** The open notebook; absent where the application has none. */
  notebook: INotebookTarget | null;
  /** Show the sidebar, with the focus on one integration if its id is given. */
  reveal: (integration?: string) => void;
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

/** What the commands about one integration share. */
export class CommandContext {
  constructor(readonly options: ICommandOptions) {}

  /** Describes a command without arguments. */
  readonly nothing = { args: { type: 'object', properties: {} } };

  /** Describes a command about one integration. */
  get integration(): CommandRegistry.ICommandOptions['describedBy'] {
    const description = this.options.trans.__('Id or name of the integration');
    return {
      args: {
        type: 'object',
        properties: { integration: { type: 'string', description } },
        required: ['integration']
      }
    };
  }

  /** The integration that a command is about. */
  find(args: ReadonlyPartialJSONObject): Integration | undefined {
    return this.options.model.find(String(args.integration ?? ''));
  }

  /** Run something about the integration that was named, and show it when that fails. */
  withOne(
    run: (integration: Integration) => Promise<void>
  ): (args: ReadonlyPartialJSONObject) => Promise<void> {
    return async args => {
      const integration = this.find(args);
      if (integration) {
        await this.reporting(() => run(integration));
        await this.options.model.refresh();
      }
    };
  }

  /** Run something; when it fails, show what happened and what to do. */
  async reporting(run: () => Promise<void>): Promise<void> {
    const { trans } = this.options;
    try {
      await run();
    } catch (error) {
      const { showFailure } = await import('../dialogs/failure');
      await showFailure(asFailure(error, trans), trans);
    }
  }

  /** Dial in the background. */
  async prewarm({ name, forward }: Integration): Promise<void> {
    const { model } = this.options;
    if (forward && model.may('execute')) {
      await model.request('underpass/integrations/prewarm', {
        integrations: [name],
        retry: true
      });
    }
  }
}
