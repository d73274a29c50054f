import type { SshTarget } from '../integrations/define.js';
import type { Session } from './session.js';

/** One session per bastion and user there, made when it is first asked for. */
export class Sessions {
  private readonly byTarget = new Map<string, Session>();

  constructor(private readonly make: (target: SshTarget) => Session) {}

  to(target: SshTarget): Session {
    const key = keyOf(target);
    const known = this.byTarget.get(key);
    if (known) {
      return known;
    }
    const session = this.make(target);
    this.byTarget.set(key, session);
    return session;
  }

  forget(session: Session): void {
    const key = keyOf(session.target);
    if (this.byTarget.get(key) === session) {
      this.byTarget.delete(key);
    }
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.byTarget.values();
  }
}

function keyOf({ user, host, port }: SshTarget): string {
  return `${user}@${host}:${port}`;
}
