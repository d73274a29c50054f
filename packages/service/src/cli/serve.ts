import { Command } from 'commander';

import { serve } from '../rpc/serve.js';
import { shim } from '../rpc/shim.js';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Be the tunnel service (started on demand)')
    .option('--stdio', 'connect stdio to the service instead')
    .action(async ({ stdio }: { stdio?: boolean }) => {
      await (stdio ? shim() : serve());
    });
}
