import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';

import type { WorkspaceProblem } from '@underpass/protocol';

import type { Fields } from '../integrations/define.js';
import { fail } from '../serviceError.js';
import { removeLeftovers } from './atomicFile.js';
import { bastionsOf } from './authorizedKeys.js';
import {
  added,
  connected,
  type IntegrationChange,
  removed,
  updated
} from './edits.js';
import { changedMarks, type MarksChange, marksOf } from './marks.js';
import { copyName, freeName, isSameName, takenPrefixes } from './names.js';
import { type Change, PreciousDocument } from './preciousDocument.js';
import { type SecretChanges, Secrets } from './secrets.js';
import { Vault } from './vault.js';
import { WorkspaceKeys } from './workspaceKeys.js';
import {
  type StoredHostKey,
  type StoredIntegration,
  type Workspace,
  withoutClashes,
  workspaceFormat
} from './workspaceFormat.js';

export type { StoredHostKey, StoredIntegration } from './workspaceFormat.js';

interface StoreEvents {
  integrations: [id: string];
  hostKeys: [host: string];
  /** Something else than this process has changed the workspace: another host, say. */
  elsewhere: [];
  problems: [];
}

/**
 * The workspace on disk: integrations, what is connected where, approved host keys, settings, and (in the vault)
 * secrets. Several hosts may share it: everything is asked of the files again and again.
 */
export class Store extends EventEmitter<StoreEvents> {
  readonly vault: Vault;
  readonly keys: WorkspaceKeys;
  private readonly secretFields: Secrets;
  private readonly document: PreciousDocument<Workspace>;

  constructor(home: string) {
    super();
    removeLeftovers(home);
    this.vault = new Vault(home);
    this.secretFields = new Secrets(this.vault);
    this.document = new PreciousDocument(
      join(home, 'workspace.json'),
      workspaceFormat
    );
    this.keys = new WorkspaceKeys(home, this.vault, () =>
      bastionsOf(this.integrations())
    );
    this.document.on('problems', () => this.emit('problems'));
    this.vault.onProblems(() => this.emit('problems'));
    this.lookForProblems();
    this.document.on('changed', () => this.emit('elsewhere'));
  }

  integrations(): readonly StoredIntegration[] {
    return this.document.read().integrations;
  }

  /** Folders that have integrations connected to them, with their ids. */
  projects(): Readonly<Record<string, readonly string[]>> {
    return this.document.read().projects;
  }

  hostKeys(): readonly StoredHostKey[] {
    return this.document.read().hostKeys;
  }

  /** What people set for the whole workspace, by name. Whoever reads a value checks it. */
  settings(): Workspace['settings'] {
    return this.document.read().settings;
  }

  /** @param value undefined for what is not set */
  setSetting(name: string, value: unknown): void {
    this.save(workspace => ({
      ...workspace,
      settings: { ...workspace.settings, [name]: value }
    }));
  }

  /** What is wrong with the files. */
  problems(): WorkspaceProblem[] {
    this.lookForProblems();
    return [...this.document.problems(), ...this.vault.problems()];
  }

  /** For display: never throws. */
  nameOf(id: string): string {
    try {
      return this.integrations().find(kept => kept.id === id)?.name ?? id;
    } catch {
      return id;
    }
  }

  /** By id, name or former name; names are compared without case. */
  find(reference: string): StoredIntegration {
    const integrations = this.integrations();
    const found =
      integrations.find(({ id }) => id === reference) ??
      integrations.find(({ name }) => isSameName(name, reference)) ??
      integrations.find(({ aliases }) =>
        aliases.some(alias => isSameName(alias, reference))
      );
    if (!found) {
      const names = integrations.map(({ name }) => `"${name}"`);
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

  /** @param project folder that it is connected to */
  add(
    type: string,
    typedName: string,
    fields: Fields,
    secrets: { [field: string]: string },
    project?: string,
    marks?: MarksChange
  ): StoredIntegration {
    const name = freeName(typedName, this.integrations());
    const id = randomUUID();
    const integration = {
      id,
      type,
      name,
      aliases: [],
      fields,
      ...(marks ? { marks: changedMarks({}, marks) } : {})
    };
    this.saveWith(added(integration, project), id, secrets);
    this.emit('integrations', id);
    return this.find(id);
  }

  /** A copy with the same fields, secrets and marks. */
  duplicate(
    original: StoredIntegration,
    typedName?: string,
    project?: string
  ): StoredIntegration {
    const name =
      typedName ?? copyName(original.name, takenPrefixes(this.integrations()));
    const { type, fields } = original;
    const secrets = this.secrets(original.id);
    const marks = marksOf(original);
    return this.add(type, name, fields, secrets, project, marks);
  }

  /**
   * @param secrets those to set, and (undefined) to remove; others stay
   */
  update(
    id: string,
    change: IntegrationChange,
    secrets: SecretChanges = {}
  ): StoredIntegration {
    // Before anything is prepared: this is what people get wrong.
    updated(id, change)(this.document.read(), false);
    this.saveWith(updated(id, change), id, secrets);
    this.emit('integrations', id);
    return this.find(id);
  }

  /** Its secrets go first: if only that can be done, it stays without them. */
  remove(id: string): void {
    const secrets = Object.fromEntries(
      this.secretsSet(id).map(field => [field, undefined])
    );
    this.saveWith(removed(id), id, secrets, false);
    this.emit('integrations', id);
  }

  /** Names of the secret fields that have a value. */
  secretsSet(id: string): string[] {
    return this.secretFields.fieldsSet(id);
  }

  /** Of these, those that have to be entered again. */
  secretsUnreadable(id: string): string[] {
    return this.secretFields.unreadable(id);
  }

  /** @throws ServiceError `secret-unreadable` */
  secrets(id: string): { [field: string]: string } {
    const [field] = this.secretsUnreadable(id);
    if (field !== undefined) {
      const { name } = this.find(id);
      throw fail(
        'secret-unreadable',
        'request',
        `The ${field} of "${name}" can not be decrypted: the master key of the workspace was lost or replaced.`,
        `Enter it again in the Integrations sidebar, or: underpass integration edit "${name}" --secret ${field}`,
        { field }
      );
    }
    return this.secretFields.all(id);
  }

  /** Those that the master key opens: the others can be replaced without being read. */
  readableSecrets(id: string): { [field: string]: string } {
    return this.secretFields.readable(id);
  }

  setConnected(project: string, id: string, isConnected: boolean): void {
    this.save(connected(project, id, isConnected));
    this.emit('integrations', id);
  }

  isConnectedAnywhere(id: string): boolean {
    return Object.values(this.projects()).some(ids => ids.includes(id));
  }

  /** @returns ids of what was connected to the folder */
  forgetProject(folder: string): readonly string[] {
    const ids = this.projects()[folder] ?? [];
    this.save(workspace => {
      const projects = Object.entries(workspace.projects).filter(
        ([other]) => other !== folder
      );
      return { ...workspace, projects: Object.fromEntries(projects) };
    });
    ids.forEach(id => this.emit('integrations', id));
    return ids;
  }

  /** Replaces what was approved before for the same host, port and type of key. */
  approveHostKey(key: StoredHostKey): void {
    this.save(workspace => ({
      ...workspace,
      hostKeys: [
        ...workspace.hostKeys.filter(
          other =>
            other.host !== key.host ||
            other.port !== key.port ||
            other.keyType !== key.keyType
        ),
        key
      ]
    }));
    this.emit('hostKeys', key.host);
  }

  removeHostKeys(host: string, port: number): number {
    let removedKeys = 0;
    this.save(workspace => {
      const hostKeys = workspace.hostKeys.filter(
        key => key.host !== host || key.port !== port
      );
      removedKeys = workspace.hostKeys.length - hostKeys.length;
      return { ...workspace, hostKeys };
    });
    this.emit('hostKeys', host);
    return removedKeys;
  }

  private save(change: Change<Workspace>): void {
    this.saveWith(change);
  }

  /** The workspace and secrets of one integration, both or none. */
  private saveWith(
    change: Change<Workspace>,
    ...secrets: [id?: string, changes?: SecretChanges, takeBack?: boolean]
  ): void {
    const prepare = () =>
      this.document.prepare((workspace, again) => {
        const changed = change(workspace, again);
        return again ? withoutClashes(changed) : changed;
      });
    this.secretFields.saveWith(prepare, ...secrets);
  }

  private lookForProblems(): void {
    for (const look of [() => this.integrations(), () => this.vault.names()]) {
      try {
        look();
      } catch {
        // It is among the problems, and said again by whatever needs it.
      }
    }
  }
}
