import type {
  CompletionProviderManager,
  ICompletionContext,
  ICompletionProviderManager
} from '@jupyterlab/completer';
import { NotebookPanel } from '@jupyterlab/notebook';
import { parseFirstLine } from '@underpass/protocol/sqlCell';

import type { IIntegrationsModel } from '../tokens';

/** Names of the DataFrames in a kernel are known to nobody else. */
const dataFrames = 'duckdb';

/**
 * Who knows what may stand at the cursor: this extension in SQL cells, the kernel elsewhere and within `{{ }}`; both
 * where SQL is about its DataFrames.
 */
export function whoseTurn({
  widget,
  editor
}: ICompletionContext): 'python' | 'sql' | 'both' {
  if (!(widget instanceof NotebookPanel) || !editor) {
    return 'python';
  }
  const source = editor.model.sharedModel.getSource();
  const line = parseFirstLine(source);
  if (!line || line.foreign) {
    return 'python';
  }
  const before = source.slice(
    line.end,
    editor.getOffsetAt(editor.getCursorPosition())
  );
  if (before.lastIndexOf('{{') > before.lastIndexOf('}}')) {
    return 'python';
  }
  return line.integration?.value.toLowerCase() === dataFrames ? 'both' : 'sql';
}

/**
 * Keep JupyterLab's own providers out of SQL cells: the kernel's offers magics there, and is waited for while it runs
 * another cell; the other one offers every word of the cell. Where they are not known by these names they stay.
 */
export function keepOthersOut(
  manager: ICompletionProviderManager &
    Partial<Pick<CompletionProviderManager, 'getProviders'>>,
  model: IIntegrationsModel
): void {
  const providers = manager.getProviders?.();
  for (const [id, keptOut] of [
    ['CompletionProvider:kernel', ['sql']],
    ['CompletionProvider:context', ['sql', 'both']]
  ] as const) {
    const provider = providers?.get(id);
    if (provider) {
      const isApplicable = provider.isApplicable.bind(provider);
      provider.isApplicable = async context => {
        const isOurs =
          model.may('execute') &&
          keptOut.some(turn => turn === whoseTurn(context));
        return !isOurs && isApplicable(context);
      };
    }
  }
}
