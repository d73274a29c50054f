export * from './events.js';
export * from './failure.js';
export * from './forward.js';
export * from './hostKey.js';
export * from './integration.js';
export * from './methods.js';
export * from './testReport.js';
