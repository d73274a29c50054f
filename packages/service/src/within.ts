/**
 * The outcome of a promise, unless it takes longer than that many milliseconds.
 * @throws what `late` makes
 */
export function within<T>(
  promise: Promise<T>,
  milliseconds: number,
  late: () => Error
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
