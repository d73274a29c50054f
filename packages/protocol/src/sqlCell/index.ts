/** The first line of an SQL cell, as all that read and change cells understand it. */
export * from './edits.js';
export * from './firstLine.js';
export * from './words.js';
