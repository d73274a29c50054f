/**
 * Changes of the workspace. Each is made from what the file says at that moment, and (`again`) once more where another
 * host has undone it.
 */
import type { Fields } from '../integrations/define.js';
import { fail } from '../serviceError.js';
import { changedMarks, type MarksChange } from './marks.js';
import { freeName, isSameName } from './names.js';
import type { Change } from './preciousDocument.js';
import type { StoredIntegration, Workspace } from './workspaceFormat.js';

/** What is left out stays. */
export interface IntegrationChange {
  name?: string | undefined;
  fields?: Fields | undefined;
  /** Those of the former names that are to stay. */
  aliases?: readonly string[] | undefined;
  marks?: MarksChange | undefined;
}

export function added(
  integration: StoredIntegration,
  project: string | undefined
): Change<Workspace> {
  return (workspace, again) => {
    const { integrations } = workspace;
    if (integrations.some(({ id }) => id === integration.id)) {
      return workspace;
    }
    if (!again) {
      freeName(integration.name, integrations);
    }
    const result = {
      ...workspace,
      integrations: [...integrations, integration]
    };
    return project === undefined
      ? result
      : connected(project, integration.id, true)(result, again);
  };
}

export function updated(
  id: string,
  { name, fields, aliases, marks }: IntegrationChange
): Change<Workspace> {
  return (workspace, again) => {
    const { integrations } = workspace;
    const current = integrations.find(integration => integration.id === id);
    if (!current && again) {
      return workspace;
    }
    if (!current) {
      throw fail(
        'unknown-integration',
        'request',
        'The integration was removed meanwhile.',
        'Add it again.',
        { field: 'integration' }
      );
    }
    const newName =
      name === undefined
        ? current.name
        : again
          ? name.trim()
          : freeName(name, integrations, id);
    const integration = {
      ...current,
      name: newName,
      aliases: aliasesOf(current, newName, aliases),
      fields: fields ?? current.fields,
      ...(marks ? { marks: changedMarks(current, marks) } : {})
    };
    return {
      ...workspace,
      integrations: integrations.map(other =>
        other === current ? integration : other
      )
    };
  };
}

export function removed(id: string): Change<Workspace> {
  return workspace => ({
    ...workspace,
    integrations: workspace.integrations.filter(other => other.id !== id),
    projects: Object.fromEntries(
      Object.entries(workspace.projects).flatMap(([folder, ids]) => {
        const others = ids.filter(other => other !== id);
        return others.length > 0 ? [[folder, others]] : [];
      })
    )
  });
}

export function connected(
  project: string,
  id: string,
  isConnected: boolean
): Change<Workspace> {
  return workspace => {
    const { [project]: ids = [], ...projects } = workspace.projects;
    const others = ids.filter(other => other !== id);
    const now = isConnected ? [...others, id] : others;
    return {
      ...workspace,
      projects: now.length > 0 ? { ...projects, [project]: now } : projects
    };
  };
}

/** A former name stays, so that notebooks keep working, until somebody drops it. */
function aliasesOf(
  current: StoredIntegration,
  name: string,
  wanted: readonly string[] | undefined
): string[] {
  const all = [...current.aliases, current.name];
  const unknown = wanted?.find(
    alias => ![...all, name].some(known => isSameName(known, alias))
  );
  if (unknown !== undefined) {
    throw fail(
      'invalid-field',
      'request',
      `"${unknown}" is no former name of "${current.name}".`,
      'Former names can only be dropped. To give the integration another name, rename it.',
      { field: 'aliases' }
    );
  }
  return all.filter(
    alias =>
      !isSameName(alias, name) &&
      (wanted?.some(kept => isSameName(kept, alias)) ?? true)
  );
}
