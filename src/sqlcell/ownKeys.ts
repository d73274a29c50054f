/**
 * Of what has the focus in a header: keys pressed there are not the notebook's shortcuts. On each control itself, since
 * shortcuts look no further than where their selector matches.
 */
export const ownKeys = { 'data-lm-suppress-shortcuts': 'true' } as const;
