import { z } from 'zod';

import { Document } from '../workspace/document.js';

const schema = z.record(z.string(), z.int().min(1).max(65535));

/**
 * Which local port each forward had last, so that it gets the same one after a restart of the service. Only a
 * convenience: what can not be read is forgotten, and what can not be written is no reason to refuse a forward.
 */
export class LocalPorts {
  private readonly document: Document<Record<string, number>>;

  /** @param unwritable told why a port could not be kept: a full disk, say */
  constructor(
    path: string,
    private readonly unwritable: (error: unknown) => void
  ) {
    this.document = new Document(path, schema, {});
  }

  /** By place: an integration's id, or the id and an address behind it. */
  all(): Record<string, number> {
    try {
      return this.document.read();
    } catch {
      return {};
    }
  }

  /** @param integrations ids; the ports of all others are forgotten */
  remember(
    place: string,
    port: number,
    integrations: ReadonlySet<string>
  ): void {
    const known = this.all();
    if (known[place] === port) {
      return;
    }
    const ofThese = Object.entries(known).filter(([other]) =>
      integrations.has(other.split(' ')[0] ?? '')
    );
    try {
      this.document.write({ ...Object.fromEntries(ofThese), [place]: port });
    } catch (error) {
      this.unwritable(error);
    }
  }
}
