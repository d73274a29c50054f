import { EventEmitter } from 'node:events';

import type { Failure } from '@underpass/protocol';

import { Catalog, nameOf } from './catalog.js';
import { isSame, type Names, type Table } from './names.js';

/** Connections for completion that are open at a time: each is a process. */
const mostOpen = 3;
/** Catalogs that are remembered. */
const mostKept = 20;

interface CatalogsEvents {
  opened: [integrationId: string];
  failed: [integrationId: string, Failure];
}

/** The catalogs of the integrations that somebody completes names of, shared by all editors. */
export class Catalogs extends EventEmitter<CatalogsEvents> {
  private readonly catalogs = new Map<string, Catalog>();

  of(integrationId: string): Catalog {
    let catalog = this.catalogs.get(integrationId);
    if (!catalog) {
      catalog = new Catalog();
      catalog.on('opened', () => {
        this.emit('opened', integrationId);
        this.limit();
      });
      catalog.on('failed', failure =>
        this.emit('failed', integrationId, failure)
      );
      this.catalogs.set(integrationId, catalog);
      this.limit();
    }
    return catalog;
  }

  /** It is another one now, or nobody may use it any more. */
  forget(integrationId: string): void {
    this.catalogs.get(integrationId)?.close();
    this.catalogs.delete(integrationId);
  }

  clear(): void {
    [...this.catalogs.keys()].forEach(id => this.forget(id));
  }

  private limit(): void {
    const byAge = [...this.catalogs].sort(([, a], [, b]) => b.asked - a.asked);
    byAge.slice(mostKept).forEach(([id]) => this.forget(id));
    byAge
      .filter(([, { isOpen }]) => isOpen)
      .slice(mostOpen)
      .forEach(([, catalog]) => catalog.rest());
  }
}

/** One look into a catalog; remembers whether something was missing. */
export class CatalogView implements Names {
  /** Asked again in a moment, there will be more. */
  isReading = false;

  /**
   * @param folding what the system makes of a name without quotes
   * @param chosen schema of the integration's own fields, where the server does not say which it searches
   */
  constructor(
    private readonly catalog: Catalog,
    private readonly folding: 'lower' | 'upper' | 'none',
    private readonly chosen?: string
  ) {}

  searched(): readonly string[] {
    const found = this.look('searched', { ask: 'searched' }).entries.map(
      nameOf
    );
    return found.length > 0 || this.chosen === undefined
      ? found
      : [this.chosen];
  }

  schemas(): readonly string[] {
    return this.look('schemas', { ask: 'schemas', after: '' }).entries.map(
      nameOf
    );
  }

  tables(schema: string, prefix: string) {
    const found = this.look(`tables ${schema}`, {
      ask: 'tables',
      schema,
      after: ''
    });
    const items = found.entries
      .filter(entry => startsWith(nameOf(entry), prefix))
      .map(tableOf);
    if (!found.isPartial || prefix === '' || items.length > 0) {
      return { items, isPartial: found.isPartial };
    }
    const after =
      this.folding === 'lower'
        ? prefix.toLowerCase()
        : this.folding === 'upper'
          ? prefix.toUpperCase()
          : prefix;
    const searched = this.look(`search ${after} ${schema}`, {
      ask: 'tables',
      schema,
      after
    });
    return {
      items: searched.entries
        .filter(entry => startsWith(nameOf(entry), prefix))
        .map(tableOf),
      isPartial: true
    };
  }

  columns(schema: string, written: string) {
    const known = this.catalog
      .look(`tables ${schema}`, { ask: 'tables', schema, after: '' })
      ?.entries.map(nameOf);
    const table =
      known?.find(name => name === written) ??
      known?.find(name => isSame(name, written)) ??
      written;
    const { entries } = this.look(`columns ${schema}\0${table}`, {
      ask: 'columns',
      schema,
      table
    });
    return entries.map(entry => ({
      name: nameOf(entry),
      type: typeof entry === 'string' ? '' : entry[1]
    }));
  }

  private look(...[key, question]: Parameters<Catalog['look']>) {
    const found = this.catalog.look(key, question);
    if (this.catalog.isReading(key) && (!found || found.isPartial)) {
      this.isReading = true;
    }
    return found ?? { entries: [], isPartial: false };
  }
}

const startsWith = (name: string, prefix: string) =>
  name.toLowerCase().startsWith(prefix.toLowerCase());

function tableOf(entry: Parameters<typeof nameOf>[0]): Table {
  const kind = typeof entry === 'string' ? 'table' : entry[1];
  return {
    name: nameOf(entry),
    kind: kind === 'view' || kind === 'collection' ? kind : 'table'
  };
}
