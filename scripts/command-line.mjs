/**
 * Write docs/command-line.md anew: `node --import tsx scripts/command-line.mjs`.
 */
import { writeFileSync } from 'node:fs';

import { format, resolveConfig } from 'prettier';

import { program } from '../packages/service/src/cli/program.ts';
import { reference } from '../packages/service/src/cli/reference.ts';

const path = new URL('../docs/command-line.md', import.meta.url).pathname;
const options = await resolveConfig(path);
writeFileSync(
  path,
  await format(reference(program()), { ...options, filepath: path })
);
