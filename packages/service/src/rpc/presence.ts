import { lstatSync } from 'node:fs';

import type { Place } from './place.js';

/** Milliseconds between two looks. */
const interval = 5_000;

interface Presence {
  /** Make the socket again. */
  listenAgain(): Promise<unknown>;
  /** Somebody else is the service. */
  replaced(): void;
}

/**
 * Look from time to time whether clients can still find the service. What cleans up temporary folders removes sockets
 * as well: it is made again. Where another service has taken the place meanwhile, this one has to go, for there
 * must be one.
 */
export function watchPresence(
  place: Place,
  socketPath: string,
  { listenAgain, replaced }: Presence
): void {
  const look = async () => {
    if (!place.isOurs && !place.take()) {
      replaced();
    } else if (!lstatSync(socketPath, { throwIfNoEntry: false })) {
      await listenAgain();
    }
  };
  setInterval(() => {
    // No room, or no folder: the next look may find it otherwise.
    look().catch(() => undefined);
  }, interval).unref();
}
