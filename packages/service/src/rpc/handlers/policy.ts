import type { PolicyResults } from '@underpass/protocol';

import type { HandlersOf } from './define.js';

export const policyHandlers: HandlersOf<keyof PolicyResults> = {
  'underpass/policy/show': (_, { service: { policy } }) => ({
    ...policy.permissions(),
    from: policy.from(),
    problems: policy.problems()
  })
};
