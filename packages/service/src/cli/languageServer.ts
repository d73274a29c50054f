import { Command } from 'commander';

export function languageServerCommand(): Command {
  return new Command('language-server')
    .description('Be a language server for SQL, on stdin and stdout')
    .option('--stdio', 'as editors say it; there is no other way')
    .action(async () => {
      // Loaded here alone, as it is for nobody who types.
      const { runLanguageServer } = await import('../language/server.js');
      runLanguageServer();
    });
}
