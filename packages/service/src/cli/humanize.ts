/**
 * Sizes and times as people read them.
 */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1536` → `1.5 KiB`. */
export function size(bytes: number): string {
  const power = Math.min(
    bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10),
    units.length - 1
  );
  const value = bytes / 1024 ** power;
  const digits = power > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[power]}`;
}

const steps: readonly [unit: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1]
];

/** Time since an ISO 8601 moment, in its two largest units: `3 h 20 min`. */
export function age(since: string, now: number = Date.now()): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  const at = steps.findIndex(([, length]) => seconds >= length);
  const [unit, length] = steps[at] ?? ['s', 1];
  const whole = Math.floor(seconds / length);
  const [smaller, smallerLength] = steps[at + 1] ?? [];
  const rest = smallerLength
    ? Math.floor((seconds % length) / smallerLength)
    : 0;
  return rest > 0 && smaller
    ? `${whole} ${unit} ${rest} ${smaller}`
    : `${whole} ${unit}`;
}
