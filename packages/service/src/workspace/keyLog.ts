import { join } from 'node:path';

import { z } from 'zod';

import type { SshTarget } from '../integrations/define.js';
import { isSameBastion } from './authorizedKeys.js';
import { Document } from './document.js';

/** Milliseconds between two notes of the same login: homes are on NFS. */
const noteworthy = 60 * 60_000;

const schema = z.object({
  version: z.literal(1),
  /** Fingerprint of the current key, once it has taken the place of another one. */
  newest: z.string().optional(),
  imported: z.string().optional(),
  logins: z.array(
    z.object({
      host: z.string(),
      port: z.int(),
      user: z.string(),
      fingerprint: z.string(),
      at: z.string()
    })
  )
});

type Log = z.infer<typeof schema>;

/** What is known of the workspace's keys besides themselves, in `key.json`. Nothing secret, and no loss if it is lost. */
export class KeyLog {
  private readonly document: Document<Log>;

  constructor(home: string) {
    this.document = new Document<Log>(join(home, 'key.json'), schema, {
      version: 1,
      logins: []
    });
  }

  isImported(fingerprint: string): boolean {
    return this.read().imported === fingerprint;
  }

  isNewest(fingerprint: string): boolean {
    return this.read().newest === fingerprint;
  }

  loggedInAt(bastion: SshTarget, fingerprint: string): string | undefined {
    return this.read().logins.find(
      login =>
        login.fingerprint === fingerprint && isSameBastion(login, bastion)
    )?.at;
  }

  wasEverLetIn(fingerprint: string): boolean {
    return this.read().logins.some(login => login.fingerprint === fingerprint);
  }

  loggedIn({ host, port, user }: SshTarget, fingerprint: string): void {
    const log = this.read();
    const isSame = (login: Log['logins'][number]) =>
      login.fingerprint === fingerprint &&
      isSameBastion(login, { host, port, user });
    const known = log.logins.find(isSame);
    if (known && Date.now() - Date.parse(known.at) < noteworthy) {
      return;
    }
    const at = new Date().toISOString();
    this.document.write({
      ...log,
      logins: [
        ...log.logins.filter(login => !isSame(login)),
        { host, port, user, fingerprint, at }
      ]
    });
  }

  imported(fingerprint: string): void {
    this.document.write({ ...this.read(), imported: fingerprint });
  }

  /** Forgets the logins of all keys but these. */
  becameNewest(fingerprint: string, previous?: string): void {
    const log = this.read();
    this.document.write({
      ...log,
      newest: fingerprint,
      logins: log.logins.filter(login =>
        [fingerprint, previous].includes(login.fingerprint)
      )
    });
  }

  private read(): Log {
    try {
      return this.document.read();
    } catch {
      return { version: 1, logins: [] };
    }
  }
}
