import type { Extension } from '@codemirror/state';
import type { DecorationSet, EditorView, ViewUpdate } from '@codemirror/view';
import { Decoration, MatchDecorator, ViewPlugin } from '@codemirror/view';

const matches = new MatchDecorator({
  regexp: /\{\{.*?\}\}/g,
  decoration: Decoration.mark({ class: 'jp-Underpass-expression' })
});

/** Makes `{{ expression }}` look unlike SQL, in what is visible. */
export const expressions: Extension = ViewPlugin.define(
  (view: EditorView) => ({
    decorations: matches.createDeco(view),
    update(update: ViewUpdate) {
      this.decorations = matches.updateDeco(update, this.decorations);
    }
  }),
  { decorations: ({ decorations }): DecorationSet => decorations }
);
