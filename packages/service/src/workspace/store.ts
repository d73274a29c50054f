import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';

import { jsonSchema } from '@underpass/protocol';
import { z } from 'zod';

import type { Fields } from '../integrations/define.js';
import { environmentPrefix } from '../integrations/environment.js';
import { fail } from '../serviceError.js';
import { bastionsOf } from './authorizedKeys.js';
import { Document } from './document.js';
import { Vault } from './vault.js';
import { WorkspaceKeys } from './workspaceKeys.js';

const integrationSchema = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  aliases: z.array(z.string()),
  fields: z.record(z.string(), jsonSchema)
});

const hostKeySchema = z.object({
  host: z.string(),
  port: z.int(),
  keyType: z.string(),
  fingerprint: z.string(),
  approvedAt: z.string()
});

const workspaceSchema = z.object({
  version: z.literal(1),
  integrations: z.array(integrationSchema),
  /** Ids of the integrations connected to a project, by its folder. */
  projects: z.record(z.string(), z.array(z.string())),
  hostKeys: z.array(hostKeySchema)
});

export type StoredIntegration = z.infer<typeof integrationSchema>;
export type StoredHostKey = z.infer<typeof hostKeySchema>;
type Workspace = z.infer<typeof workspaceSchema>;

interface StoreEvents {
  integrations: [id: string];
  hostKeys: [host: string];
}

/**
 * The workspace on disk: integrations, what is connected where, approved host keys, and (in the vault) secrets.
 * Only the service writes here, so what was read once is kept.
 */
export class Store extends EventEmitter<StoreEvents> {
  readonly vault: Vault;
  readonly keys: WorkspaceKeys;
  private readonly document: Document<Workspace>;
  private workspace: Workspace;

  constructor(home: string) {
    super();
    this.vault = new Vault(home);
    this.keys = new WorkspaceKeys(home, this.vault, () =>
      bastionsOf(this.integrations())
    );
    this.document = new Document(
      join(home, 'workspace.json'),
      workspaceSchema,
      {
        version: 1,
        integrations: [],
        projects: {},
        hostKeys: []
      }
    );
    this.workspace = this.document.read();
  }

  integrations(): readonly StoredIntegration[] {
    return this.workspace.integrations;
  }

  /** Folders that have integrations connected to them, with their ids. */
  projects(): Readonly<Record<string, readonly string[]>> {
    return this.workspace.projects;
  }

  hostKeys(): readonly StoredHostKey[] {
    return this.workspace.hostKeys;
  }

  /** By id, name or former name; names are compared without case. */
  find(reference: string): StoredIntegration {
    const wanted = reference.toLowerCase();
    const found =
      this.workspace.integrations.find(({ id }) => id === reference) ??
      this.workspace.integrations.find(
        ({ name }) => name.toLowerCase() === wanted
      ) ??
      this.workspace.integrations.find(({ aliases }) =>
        aliases.some(alias => alias.toLowerCase() === wanted)
      );
    if (!found) {
      const names = this.workspace.integrations.map(({ name }) => `"${name}"`);
      throw fail(
        'unknown-integration',
        'request',
        `There is no integration called "${reference}".`,
        names.length > 0
          ? `Use one of ${names.join(', ')}, or add it.`
          : 'Add it in the Integrations sidebar or with `underpass integration add`.',
        { field: 'integration' }
      );
    }
    return found;
  }

  add(
    type: string,
    typedName: string,
    fields: Fields,
    secrets: { [field: string]: string }
  ): StoredIntegration {
    const name = this.freeName(typedName);
    const integration: StoredIntegration = {
      id: randomUUID(),
      type,
      name,
      aliases: [],
      fields
    };
    this.vault.update(
      Object.fromEntries(
        Object.entries(secrets).map(([field, value]) => [
          secretName(integration.id, field),
          value
        ])
      )
    );
    this.save({
      ...this.workspace,
      integrations: [...this.workspace.integrations, integration]
    });
    this.emit('integrations', integration.id);
    return integration;
  }

  remove(id: string): void {
    this.save({
      ...this.workspace,
      integrations: this.workspace.integrations.filter(
        integration => integration.id !== id
      ),
      projects: withoutConnection(this.workspace.projects, id)
    });
    this.vault.update(
      Object.fromEntries(
        this.secretsSet(id).map(field => [secretName(id, field), undefined])
      )
    );
    this.emit('integrations', id);
  }

  /** Names of the secret fields that have a value. */
  secretsSet(id: string): string[] {
    const prefix = secretName(id, '');
    return this.vault
      .names()
      .filter(name => name.startsWith(prefix))
      .map(name => name.slice(prefix.length));
  }

  secrets(id: string): { [field: string]: string } {
    return Object.fromEntries(
      this.secretsSet(id).map(field => [
        field,
        this.vault.get(secretName(id, field)) ?? ''
      ])
    );
  }

  setConnected(project: string, id: string, connected: boolean): void {
    const others = (this.workspace.projects[project] ?? []).filter(
      other => other !== id
    );
    this.save({
      ...this.workspace,
      projects: {
        ...this.workspace.projects,
        [project]: connected ? [...others, id] : others
      }
    });
    this.emit('integrations', id);
  }

  isConnectedAnywhere(id: string): boolean {
    return Object.values(this.workspace.projects).some(ids => ids.includes(id));
  }

  /** Replaces what was approved before for the same host, port and type of key. */
  approveHostKey(key: StoredHostKey): void {
    this.save({
      ...this.workspace,
      hostKeys: [
        ...this.workspace.hostKeys.filter(
          other =>
            other.host !== key.host ||
            other.port !== key.port ||
            other.keyType !== key.keyType
        ),
        key
      ]
    });
    this.emit('hostKeys', key.host);
  }

  removeHostKeys(host: string, port: number): number {
    const kept = this.workspace.hostKeys.filter(
      key => key.host !== host || key.port !== port
    );
    const removed = this.workspace.hostKeys.length - kept.length;
    this.save({ ...this.workspace, hostKeys: kept });
    this.emit('hostKeys', host);
    return removed;
  }

  /** Two names that give the same variables would overwrite each other in every kernel. */
  private freeName(typed: string): string {
    const name = typed.trim();
    if (name === '' || /\p{Cc}/u.test(name)) {
      throw fail(
        'invalid-field',
        'request',
        'Name is required and must be one line.',
        'Give the integration a name.',
        { field: 'name' }
      );
    }
    if (name.startsWith('-')) {
      throw fail(
        'invalid-field',
        'request',
        'Name must not begin with a dash: it would be read as an option.',
        'Choose another name.',
        { field: 'name' }
      );
    }
    const prefix = environmentPrefix(name);
    for (const other of this.workspace.integrations) {
      const same = [other.name, ...other.aliases].find(
        taken => environmentPrefix(taken) === prefix
      );
      if (same !== undefined) {
        throw fail(
          'duplicate-name',
          'request',
          `The name "${name}" is taken: "${same}" would use the same variables ${prefix}_….`,
          'Choose another name.',
          { field: 'name' }
        );
      }
    }
    return name;
  }

  private save(workspace: Workspace): void {
    this.document.write(workspace);
    this.workspace = workspace;
  }
}

function secretName(id: string, field: string): string {
  return `integration/${id}/${field}`;
}

function withoutConnection(
  projects: Workspace['projects'],
  id: string
): Workspace['projects'] {
  return Object.fromEntries(
    Object.entries(projects).map(([folder, ids]) => [
      folder,
      ids.filter(other => other !== id)
    ])
  );
}
