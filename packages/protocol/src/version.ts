/**
 * Which protocol this is. Apart from the methods, so that who only connects does not load their schemas.
 */

/** Grows with every change that an older client can not follow. */
export const protocolVersion = 1;
