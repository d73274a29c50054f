import type { Method, ParsedParams, Results } from '@underpass/protocol';

import type { RequestContext } from '../context.js';

/** One function for each of the methods. Parameters are parsed already. */
export type HandlersOf<Methods extends Method> = {
  [M in Methods]: (
    params: ParsedParams<M>,
    context: RequestContext
  ) => Results[M] | Promise<Results[M]>;
};
