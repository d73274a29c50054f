/**
 * Bundle the service into one pure JavaScript file and put it where the Python distribution ships it, and write down
 * which methods the Jupyter server may relay, and with which right.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { methods } from '@underpass/protocol';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const { version } = JSON.parse(readFileSync(join(here, 'package.json')));
const bundle = join(here, 'dist', 'underpass.cjs');

/** All languages of zod's messages were a sixth of the file; ours are in English. */
const onlyEnglish = {
  name: 'only-english',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js'
    }));
  }
};

await build({
  entryPoints: [join(here, 'src', 'main.ts')],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  define: { UNDERPASS_VERSION: JSON.stringify(version) },
  // Optional native parts of ssh2: it does without them.
  external: ['cpu-features', '*.node'],
  plugins: [onlyEnglish],
  legalComments: 'eof',
  logLevel: 'warning'
});

const shipped = join(root, 'python', 'underpass', '_service');
mkdirSync(shipped, { recursive: true });
copyFileSync(bundle, join(shipped, 'underpass.cjs'));

const relayed = Object.entries(methods)
  .filter(([, { access }]) => access !== 'local')
  .map(([method, { access }]) => [method, access]);
writeFileSync(
  join(root, 'jupyterlab_underpass', 'methods.json'),
  `${JSON.stringify(Object.fromEntries(relayed), null, 2)}\n`
);
