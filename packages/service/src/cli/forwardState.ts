import type { ForwardState } from '@underpass/protocol';

import { paint, type Piece } from './screen.js';

/** Where a forward stands, in a word. */
export function stateOf(state: ForwardState): Piece {
  switch (state.kind) {
    case 'up':
      return paint('good', 'up');
    case 'idle':
      return paint('quiet', 'idle');
    case 'dialling':
      return paint('warning', 'dialling');
    case 'waiting':
      return paint('warning', `waiting (${state.cause.code})`);
    case 'failed':
      return paint('bad', `failed (${state.cause.code})`);
  }
}
