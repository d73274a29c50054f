import type { WorkspaceResults } from '@underpass/protocol';

import { describeProjects, findProject } from '../../workspace/projects.js';
import type { HandlersOf } from './define.js';

export const workspaceHandlers: HandlersOf<keyof WorkspaceResults> = {
  'underpass/workspace/problems': (_, { service }) => ({
    problems: service.store.problems()
  }),

  'underpass/projects/list': (_, { service }) => ({
    projects: describeProjects(service.store)
  }),

  'underpass/projects/forget': ({ project }, { service }) => {
    const { store, tunnels } = service;
    for (const id of store.forgetProject(findProject(store, project))) {
      if (!store.isConnectedAnywhere(id)) {
        tunnels.drop(id);
      }
    }
    return {};
  }
};
