import type {
  CompletionHandler,
  ICompletionContext,
  ICompletionProvider
} from '@jupyterlab/completer';
import { NotebookPanel } from '@jupyterlab/notebook';

import type { IIntegrationsModel } from '../tokens';
import { whoseTurn } from './turn';

/**
 * Completes SQL cells with what the tunnel service knows. The editor does not wait: what comes too late is asked for
 * once more.
 */
export class SqlCompletionProvider implements ICompletionProvider {
  /** @param again asks for completions once more, also where a list is shown */
  constructor(
    private readonly _model: IIntegrationsModel,
    private readonly _again: (context: ICompletionContext) => void
  ) {}

  readonly identifier = 'jupyterlab-underpass:completion';
  /** Before those of the kernel. */
  readonly rank = 1100;

  isApplicable(context: ICompletionContext): Promise<boolean> {
    return Promise.resolve(
      this._model.may('execute') && whoseTurn(context) !== 'python'
    );
  }

  async fetch(
    request: CompletionHandler.IRequest,
    context: ICompletionContext
  ): Promise<CompletionHandler.ICompletionItemsReply> {
    const { widget, editor } = context;
    if (!(widget instanceof NotebookPanel) || !editor) {
      return { start: request.offset, end: request.offset, items: [] };
    }
    const began = performance.now();
    const { fetchCompletions } = await import('./fetching');
    return fetchCompletions(
      this._model,
      widget.context.path,
      editor,
      began,
      () => this._again(context)
    );
  }
}
