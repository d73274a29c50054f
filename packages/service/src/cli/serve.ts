import { Command } from 'commander';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Be the tunnel service (started on demand)')
    .option('--stdio', 'connect stdio to the service instead')
    .action(async ({ stdio }: { stdio?: boolean }) => {
      // Loaded here alone: the rest of the command line starts in half the time without it.
      if (stdio) {
        const { shim } = await import('../rpc/shim.js');
        await shim();
      } else {
        const { serve } = await import('../rpc/serve.js');
        await serve();
      }
    });
}
