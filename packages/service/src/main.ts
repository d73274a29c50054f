import { Output } from './cli/output.js';
import { main } from './cli/program.js';

main(process.argv.slice(2)).catch((error: unknown) => {
  new Output(process.argv.includes('--json')).failure(error);
  process.exitCode = 1;
});
