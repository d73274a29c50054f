import type { Session } from './session.js';

/** Gives sessions up that nobody has used for a while; they come back when somebody does. */
export class IdleSessions {
  private readonly timers = new Map<Session, NodeJS.Timeout>();

  /** @param milliseconds without use */
  constructor(public milliseconds: number) {}

  /** @param used whether somebody holds one of the session's forwards, or has a socket open */
  watch(session: Session, used: boolean): void {
    this.forget(session);
    if (!used && session.state.kind === 'up') {
      const timer = setTimeout(() => session.rest(), this.milliseconds);
      timer.unref();
      this.timers.set(session, timer);
    }
  }

  forget(session: Session): void {
    clearTimeout(this.timers.get(session));
    this.timers.delete(session);
  }
}
