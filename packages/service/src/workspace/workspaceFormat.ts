/**
 * What is in `workspace.json`, and how it is read when it is damaged.
 */
import { randomUUID } from 'node:crypto';

import { jsonSchema } from '@underpass/protocol';
import { z } from 'zod';

import { environmentPrefix } from '../integrations/environment.js';
import {
  type Content,
  type Format,
  isContent,
  salvageList,
  salvageRecord,
  type Salvaged
} from './format.js';
import { migrations } from './migrations.js';
import { copyName } from './names.js';

/** Members that this version does not know are kept: a later one may have written them. */
const integrationSchema = z.looseObject({
  id: z.string().min(1),
  type: z.string(),
  name: z.string().min(1),
  aliases: z.array(z.string()),
  fields: z.record(z.string(), jsonSchema),
  /** See `marksOf`: damage in here is no reason to lose the integration. */
  marks: z.unknown().optional()
});

const hostKeySchema = z.looseObject({
  host: z.string(),
  port: z.int(),
  keyType: z.string(),
  fingerprint: z.string(),
  approvedAt: z.string()
});

const idsSchema = z.array(z.string());

export type StoredIntegration = z.infer<typeof integrationSchema>;
export type StoredHostKey = z.infer<typeof hostKeySchema>;

export interface Workspace {
  readonly settings: { readonly [name: string]: unknown };
  readonly integrations: readonly StoredIntegration[];
  /** Ids of the integrations connected to a project, by its folder. */
  readonly projects: { readonly [folder: string]: readonly string[] };
  readonly hostKeys: readonly StoredHostKey[];
}

export const workspaceFormat: Format<Workspace> = {
  empty: { settings: {}, integrations: [], projects: {}, hostKeys: [] },
  migrations,
  outsideChange: 'taken',
  salvage
};

function salvage(
  content: Content,
  lastGood: Workspace | undefined
): Salvaged<Workspace> {
  const lost: string[] = [];
  const integrations = salvageList(
    content.integrations,
    {
      what: 'integration',
      member: 'integrations',
      schema: integrationSchema,
      lastGood: lastGood?.integrations,
      nameOf: entry => textOf(entry, 'name'),
      keyOf: entry => textOf(entry, 'id')
    },
    lost
  );
  const projects = salvageRecord(
    content.projects,
    {
      what: 'project',
      member: 'projects',
      schema: idsSchema,
      lastGood: lastGood?.projects
    },
    lost
  );
  const hostKeys = salvageList(
    content.hostKeys,
    {
      what: 'host key',
      member: 'hostKeys',
      schema: hostKeySchema,
      lastGood: lastGood?.hostKeys,
      nameOf: entry => textOf(entry, 'host'),
      keyOf: entry => textOf(entry, 'fingerprint')
    },
    lost
  );
  const settings = salvageRecord(
    content.settings,
    {
      what: 'setting',
      member: 'settings',
      schema: z.unknown(),
      lastGood: lastGood?.settings
    },
    lost
  );
  const value = {
    ...content,
    settings,
    integrations: distinct(integrations, lost),
    projects,
    hostKeys
  };
  return { value, lost };
}

/** Two hosts may have added the same name at the same moment. */
export function withoutClashes(workspace: Workspace): Workspace {
  return {
    ...workspace,
    integrations: distinct(workspace.integrations, [])
  };
}

/** Every host must make the same of what it reads. */
function distinct(
  integrations: readonly StoredIntegration[],
  lost: string[]
): StoredIntegration[] {
  const ids = new Set<string>();
  const prefixes = new Set<string>();
  const kept: StoredIntegration[] = [];
  for (const original of integrations) {
    let integration = original;
    if (ids.has(integration.id)) {
      integration = { ...integration, id: randomUUID() };
      lost.push(
        `"${integration.name}" had the same id as another integration; it is kept without its secrets, which have to be entered again.`
      );
    }
    if (prefixes.has(environmentPrefix(integration.name))) {
      const name = copyName(integration.name, prefixes);
      lost.push(
        `Two integrations were called "${integration.name}", or would use the same variables; one of them is called "${name}" now.`
      );
      integration = { ...integration, name };
    }
    ids.add(integration.id);
    prefixes.add(environmentPrefix(integration.name));
    kept.push(integration);
  }
  return kept.map(integration => {
    const aliases = integration.aliases.filter(alias => {
      const prefix = environmentPrefix(alias);
      const taken =
        prefix !== environmentPrefix(integration.name) && prefixes.has(prefix);
      if (taken) {
        lost.push(
          `"${integration.name}" can not be used by its former name "${alias}" any more: that is another one's.`
        );
      }
      prefixes.add(prefix);
      return !taken;
    });
    return aliases.length === integration.aliases.length
      ? integration
      : { ...integration, aliases };
  });
}

function textOf(entry: unknown, member: string): string | undefined {
  const value = isContent(entry) ? entry[member] : undefined;
  return typeof value === 'string' ? value : undefined;
}
