const first = 500;
const longest = 30_000;

/**
 * Milliseconds to wait before the given attempt (from 0): doubling, at most 30 s, with up to half of it taken off
 * at random so that many clients of one bastion do not come back at the same moment.
 */
export function backoff(attempt: number): number {
  const full = Math.min(longest, first * 2 ** attempt);
  return full * (1 - Math.random() / 2);
}
