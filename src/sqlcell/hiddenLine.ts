/**
 * Hides the first line of an SQL cell in its editor while a header shows it.
 *
 * What is hidden can not be changed by accident: the cursor does not go there, and typing and deleting do not reach
 * it. Changes that come from the header, from undo or from other people do.
 */
import type {
  EditorState,
  Extension,
  StateEffect as Effect,
  Text,
  Transaction,
  TransactionSpec
} from '@codemirror/state';
import {
  EditorSelection,
  EditorState as States,
  Prec,
  SelectionRange,
  StateEffect,
  StateField
} from '@codemirror/state';
import type { DecorationSet } from '@codemirror/view';
import { Decoration, EditorView, keymap } from '@codemirror/view';

import { parseFirstLine } from '@underpass/protocol/sqlCell';

interface Hiding {
  /** A header shows the line. */
  readonly wanted: boolean;
  readonly focused: boolean;
  /** Somebody asked to see the line; holds until the cursor or the focus leaves. */
  readonly pinned: boolean;
  /** Where the visible text begins; 0 while nothing is hidden. */
  readonly body: number;
  readonly decorations: DecorationSet;
}

const setWanted = StateEffect.define<boolean>();
const setFocused = StateEffect.define<boolean>();
const reveal = StateEffect.define<null>();

const hiding = StateField.define<Hiding>({
  create: () => ({
    wanted: false,
    focused: false,
    pinned: false,
    body: 0,
    decorations: Decoration.none
  }),
  update: (value, transaction) => next(value, transaction),
  provide: field =>
    EditorView.decorations.from(field, ({ decorations }) => decorations)
});

/**
 * The extension, for one editor.
 *
 * @param leaveAtTop is called when the cursor goes up from the first visible line
 */
export function hiddenLine(leaveAtTop: () => void): Extension {
  return [
    hiding,
    EditorView.focusChangeEffect.of((_, focused) => setFocused.of(focused)),
    States.changeFilter.of(protect),
    States.transactionFilter.of(guard),
    Prec.highest(
      keymap.of([
        { key: 'Mod-a', run: selectAll },
        {
          key: 'ArrowUp',
          run: ({ state }) => {
            const { main } = state.selection;
            if (isHidden(state) && main.empty && main.head === bodyOf(state)) {
              leaveAtTop();
            }
            return false;
          }
        }
      ])
    )
  ];
}

/** Say whether a header shows the line now. */
export function hideFirstLine(view: EditorView, wanted: boolean): void {
  if (view.state.field(hiding, false)?.wanted !== wanted) {
    view.dispatch({ effects: setWanted.of(wanted) });
  }
}

/** Show the line and put the cursor at its end. */
export function editFirstLine(view: EditorView): void {
  view.focus();
  view.dispatch({
    effects: reveal.of(null),
    selection: { anchor: view.state.doc.line(1).to },
    scrollIntoView: true
  });
}

/** Whether the first line is hidden. */
export function isHidden(state: EditorState): boolean {
  return bodyOf(state) > 0;
}

function bodyOf(state: EditorState): number {
  return state.field(hiding, false)?.body ?? 0;
}

function next(value: Hiding, transaction: Transaction): Hiding {
  let { wanted, focused, pinned } = value;
  const first = transaction.newDoc.line(1);
  for (const effect of transaction.effects) {
    if (effect.is(setWanted)) {
      wanted = effect.value;
    } else if (effect.is(setFocused)) {
      focused = effect.value;
      pinned = focused && pinned;
    } else if (effect.is(reveal)) {
      pinned = true;
    } else {
      pinned = pinnedBy(effect, first.to) ?? pinned;
    }
  }
  const { newSelection } = transaction;
  const touched = newSelection.ranges.some(({ from }) => from <= first.to);
  if (value.body > 0 && selectsWithin(transaction, first.to)) {
    pinned = true;
  } else if (transaction.selection && !touched) {
    pinned = false;
  }
  const stays = pinned || (value.body === 0 && focused && touched);
  const hidden = wanted && !stays && canHide(transaction.newDoc);
  const body = hidden ? first.to + 1 : 0;
  if (
    wanted === value.wanted &&
    focused === value.focused &&
    pinned === value.pinned &&
    body === value.body
  ) {
    return value;
  }
  const decorations = hidden
    ? Decoration.set(Decoration.replace({ block: true }).range(0, first.to))
    : Decoration.none;
  return { wanted, focused, pinned, body, decorations };
}

/** There must be something left to type in. */
function canHide(doc: Text): boolean {
  return doc.lines > 1 && parseFirstLine(doc.line(1).text)?.understood === true;
}

/**
 * Whether bringing something into view, as a search does with what it finds, concerns the first line. The effect's type
 * is not exported; null for other effects.
 */
function pinnedBy(effect: Effect<unknown>, end: number): boolean | null {
  const range = (effect.value as { range?: unknown } | null)?.range;
  return range instanceof SelectionRange ? range.from <= end : null;
}

/** Whether a program, a search for example, selects some of the first line and no more. */
function selectsWithin(transaction: Transaction, end: number): boolean {
  const range = transaction.selection?.main;
  return (
    range !== undefined &&
    !range.empty &&
    range.to <= end &&
    !transaction.isUserEvent('select')
  );
}

/** Keep what a person types and deletes away from the hidden line. */
function protect(transaction: Transaction): true | readonly number[] {
  const body = bodyOf(transaction.startState);
  return body > 0 && isTyping(transaction) && !replacesAll(transaction, body)
    ? [0, body - 1, body - 1, body]
    : true;
}

function isTyping(transaction: Transaction): boolean {
  return transaction.isUserEvent('input') || transaction.isUserEvent('delete');
}

/** A whole cell with a first line of its own is pasted in place of all that is visible. */
function replacesAll(transaction: Transaction, body: number): boolean {
  let replaces = false;
  transaction.changes.iterChanges((from, to, _from, _to, inserted) => {
    replaces ||=
      from === body &&
      to === transaction.startState.doc.length &&
      parseFirstLine(inserted.toString()) !== null;
  });
  return replaces;
}

/** Keep cursors out of the hidden line, and lines from being moved above it. */
function guard(
  transaction: Transaction
): TransactionSpec | readonly TransactionSpec[] {
  const before = transaction.startState.field(hiding, false);
  if (!before) {
    return transaction;
  }
  if (before.body > 0 && transaction.docChanged) {
    if (
      transaction.isUserEvent('move.line') &&
      transaction.changes.touchesRange(0, before.body - 1)
    ) {
      return [];
    }
    if (isTyping(transaction) && replacesAll(transaction, before.body)) {
      return [
        transaction,
        { changes: { from: 0, to: before.body }, sequential: true }
      ];
    }
  }
  const { body } = next(before, transaction);
  const { newSelection } = transaction;
  if (body === 0 || newSelection.ranges.every(({ from }) => from >= body)) {
    return transaction;
  }
  const ranges = newSelection.ranges.map(({ anchor, head }) =>
    EditorSelection.range(Math.max(anchor, body), Math.max(head, body))
  );
  return [
    transaction,
    {
      selection: EditorSelection.create(ranges, newSelection.mainIndex),
      sequential: true
    }
  ];
}

/** All that is visible first; once more, all. */
function selectAll(view: EditorView): boolean {
  const body = bodyOf(view.state);
  if (body === 0) {
    return false;
  }
  const end = view.state.doc.length;
  const { main } = view.state.selection;
  const again = main.from === body && main.to === end;
  view.dispatch({
    effects: again ? reveal.of(null) : [],
    selection: { anchor: again ? 0 : body, head: end },
    userEvent: 'select'
  });
  return true;
}
