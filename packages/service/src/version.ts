/** Filled in by the bundler. */
declare const UNDERPASS_VERSION: string | undefined;

export const version: string =
  typeof UNDERPASS_VERSION === 'string' ? UNDERPASS_VERSION : 'development';
