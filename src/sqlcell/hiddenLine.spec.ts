import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TransactionSpec } from '@codemirror/state';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

import { hiddenLine, hideFirstLine, isHidden } from './hiddenLine';

/** The part of a view that needs no browser. */
class Editor {
  constructor(doc: string) {
    this.state = EditorState.create({
      doc,
      extensions: [
        EditorState.allowMultipleSelections.of(true),
        hiddenLine(() => undefined)
      ]
    });
  }

  state: EditorState;

  readonly dispatch = (spec: TransactionSpec) => {
    this.state = this.state.update(spec).state;
  };

  get text(): string {
    return this.state.doc.toString();
  }

  get cursor(): [number, number] {
    const { anchor, head } = this.state.selection.main;
    return [anchor, head];
  }

  hide(wanted = true): this {
    hideFirstLine(this as unknown as EditorView, wanted);
    return this;
  }
}

const source = '%%sql prod\nSELECT 1';
const body = source.indexOf('SELECT');
const end = source.length;
const hidden = () => new Editor(source).hide();

test('a line that is understood is hidden while a header shows it', () => {
  const editor = new Editor(source);
  assert.equal(isHidden(editor.state), false);
  assert.equal(isHidden(editor.hide().state), true);
  assert.equal(isHidden(editor.hide(false).state), false);
});

test('a line that is not understood, or alone, stays visible', () => {
  for (const doc of [
    '%%sql prod',
    '%%sql\nSELECT 1',
    '%%sql "pro\nSELECT 1',
    '%%sql prod --save x\nSELECT 1',
    'SELECT 1\nSELECT 2'
  ]) {
    assert.equal(isHidden(new Editor(doc).hide().state), false, doc);
  }
});

test('the cursor is put where the visible text begins', () => {
  const editor = hidden();
  assert.deepEqual(editor.cursor, [body, body]);
  editor.dispatch({ selection: { anchor: 0 } });
  assert.deepEqual(editor.cursor, [body, body]);
  editor.dispatch({ selection: { anchor: end, head: 0 }, userEvent: 'select' });
  assert.deepEqual(editor.cursor, [end, body]);
  assert.equal(isHidden(editor.state), true);
});

test('typing and deleting do not reach what is hidden', () => {
  const editor = hidden();
  editor.dispatch({
    changes: { from: body - 1, to: body },
    userEvent: 'delete.backward'
  });
  assert.equal(editor.text, source);
  editor.dispatch({
    changes: { from: body, insert: '-- ' },
    userEvent: 'input'
  });
  const commented = '%%sql prod\n-- SELECT 1';
  assert.equal(editor.text, commented);
  editor.dispatch({
    changes: { from: body - 1, to: commented.length },
    userEvent: 'delete.line'
  });
  assert.equal(editor.text, '%%sql prod\n');
  editor.dispatch({ changes: { from: body, insert: 'x' }, userEvent: 'input' });
  assert.equal(editor.text, '%%sql prod\nx');
});

test('a line is not moved above the hidden one', () => {
  const editor = hidden();
  editor.dispatch({
    changes: [
      { from: 0, to: body },
      { from: end, insert: '\n%%sql prod' }
    ],
    userEvent: 'move.line'
  });
  assert.equal(editor.text, source);
});

test('the header, undo and other people change what is hidden', () => {
  const editor = hidden();
  editor.dispatch({ changes: { from: 6, to: 10, insert: 'other -o df' } });
  assert.equal(editor.text, '%%sql other -o df\nSELECT 1');
  assert.equal(isHidden(editor.state), true);
  editor.dispatch({ changes: { from: 0, to: 17, insert: '%%sql "a' } });
  assert.equal(isHidden(editor.state), false);
  editor.dispatch({ changes: { from: 0, to: editor.text.length } });
  assert.equal(editor.text, '');
});

test('a whole cell pasted over all that is visible replaces the hidden line, too', () => {
  const editor = hidden();
  editor.dispatch({
    changes: { from: body, to: end, insert: '%%sql other\nSELECT 2' },
    userEvent: 'input.paste'
  });
  assert.equal(editor.text, '%%sql other\nSELECT 2');
});

test('what a search finds in the hidden line is shown', () => {
  const editor = hidden();
  editor.dispatch({ selection: { anchor: 6, head: 10 } });
  assert.equal(isHidden(editor.state), false);
  assert.deepEqual(editor.cursor, [6, 10]);
  editor.dispatch({ selection: { anchor: end } });
  assert.equal(isHidden(editor.state), true);

  editor.dispatch({ effects: EditorView.scrollIntoView(6) });
  assert.equal(isHidden(editor.state), false);
  editor.dispatch({ effects: EditorView.scrollIntoView(end) });
  assert.equal(isHidden(editor.state), true);
});

test('several cursors stay below the hidden line', () => {
  const editor = hidden();
  editor.dispatch({
    selection: editor.state.selection.addRange(
      editor.state.selection.main.extend(0, 3)
    ),
    userEvent: 'select'
  });
  assert.ok(editor.state.selection.ranges.every(({ from }) => from >= body));
});
