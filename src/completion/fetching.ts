import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { CompletionHandler } from '@jupyterlab/completer';
import { Text } from '@jupyterlab/coreutils';
import type { LanguageResults } from '@underpass/protocol';

import type { IIntegrationsModel } from '../tokens';

/** Milliseconds for names that are being read. */
const patience = 600;
/** Milliseconds after which JupyterLab, which waits for a second, may not take an answer any more. */
const tooLate = 900;
/** Milliseconds in which they are asked for again as long as nothing is typed, where nothing is shown meanwhile. */
const longPatience = 20_000;
/** The same where keywords are: who has closed that list does not want another one long after. */
const shortPatience = 5000;
const interval = 100;

type Reply = CompletionHandler.ICompletionItemsReply;
type Answer = LanguageResults['underpass/language/complete'];

/** Questions that were asked once more as their answer came too late: until one comes in time, only once. */
const repeated = new WeakMap<CodeEditor.IEditor, string>();

/**
 * Ask the service what may stand at the cursor.
 * @param began when JupyterLab asked, by `performance.now()`
 * @param again called once there is more than JupyterLab has got, if nobody typed or went elsewhere meanwhile
 */
export async function fetchCompletions(
  model: IIntegrationsModel,
  path: string,
  editor: CodeEditor.IEditor,
  began: number,
  again: () => void
): Promise<Reply> {
  const question = questionOf(editor);
  const asked = JSON.stringify(question);
  const ask = () =>
    model.request('underpass/language/complete', question, path);
  const isSame = () =>
    !editor.isDisposed &&
    editor.hasFocus() &&
    JSON.stringify(questionOf(editor)) === asked;
  const answer = await askUntilRead(ask, isSame, patience);
  const isLate = performance.now() - began > tooLate;
  const shown = isLate ? 0 : answer.items.length;
  if (!isLate) {
    repeated.delete(editor);
  }
  if (
    answer.items.length > shown &&
    isSame() &&
    repeated.get(editor) !== asked
  ) {
    repeated.set(editor, asked);
    again();
  } else if (answer.isReading) {
    void askUntilRead(
      ask,
      isSame,
      shown > 0 ? shortPatience : longPatience
    ).then(
      later => later.items.length > shown && isSame() && again(),
      () => undefined
    );
  }
  return replyOf(answer, question.text, editor);
}

/** The last answer: with all that there is, or what there is by then. */
async function askUntilRead(
  ask: () => Promise<Answer>,
  isSame: () => boolean,
  milliseconds: number
): Promise<Answer> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (!answer.isReading || Date.now() > deadline || !isSame()) {
      return answer;
    }
    await new Promise(resolve => setTimeout(resolve, interval));
  }
}

function questionOf(editor: CodeEditor.IEditor) {
  const { line, column } = editor.getCursorPosition();
  const text = editor.model.sharedModel.getSource();
  return { text, line, character: column };
}

/** JupyterLab counts characters in whole ones, the service in UTF-16. */
function replyOf(
  { range, items }: Answer,
  text: string,
  editor: CodeEditor.IEditor
): Reply {
  const offset = ({ line, character }: Answer['range']['start']) =>
    Text.jsIndexToCharIndex(
      editor.getOffsetAt({ line, column: character }),
      text
    );
  return {
    start: offset(range.start),
    end: offset(range.end),
    items: items.map(item => ({
      label: item.text,
      insertText: item.text,
      type: item.kind,
      ...(item.detail ? { documentation: item.detail } : {})
    }))
  };
}
