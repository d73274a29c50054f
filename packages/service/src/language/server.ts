import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Completion, Params, Results } from '@underpass/protocol';
import { parseFirstLine, quote } from '@underpass/protocol/sqlCell';
import {
  CompletionItemKind,
  type CompletionList,
  createConnection,
  type InitializeParams,
  ProposedFeatures,
  TextDocuments,
  TextDocumentSyncKind
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';

import { ServiceClient } from '../rpc/client.js';
import { connectToService } from '../rpc/launch.js';
import { version } from '../version.js';

const kinds: { [kind in Completion['kind']]: CompletionItemKind } = {
  integration: CompletionItemKind.Module,
  option: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  keyword: CompletionItemKind.Keyword,
  function: CompletionItemKind.Function,
  schema: CompletionItemKind.Module,
  table: CompletionItemKind.Class,
  view: CompletionItemKind.Interface,
  collection: CompletionItemKind.Class,
  column: CompletionItemKind.Field,
  alias: CompletionItemKind.Variable
};

/** What `initializationOptions` may say. */
interface Options {
  /** For documents without the first line of a cell. */
  integration?: unknown;
}

/**
 * Be a language server on stdin and stdout, for as long as they are open. It knows nothing by itself: the service
 * answers, so all editors of a person share its catalogs and connections.
 */
export function runLanguageServer(): void {
  const { stdin, stdout } = process;
  const connection = createConnection(ProposedFeatures.all, stdin, stdout);
  const documents = new TextDocuments(TextDocument);
  const service = new ServiceConnection();
  let folder = process.cwd();
  let integration = '';
  connection.onInitialize((params: InitializeParams) => {
    folder = folderOf(params) ?? folder;
    const options = params.initializationOptions as Options | undefined;
    integration =
      typeof options?.integration === 'string' ? options.integration : '';
    return {
      serverInfo: { name: 'underpass', version },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        completionProvider: { triggerCharacters: ['.', '"', '`', '[', '-'] }
      }
    };
  });
  connection.onCompletion(async ({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    if (!document) {
      return null;
    }
    const text = document.getText();
    // A file of SQL has no first line that names an integration.
    const added = parseFirstLine(text) ? '' : firstLine(integration);
    const lines = added === '' ? 0 : 1;
    const answer = await service.ask({
      folder: process.env.UNDERPASS_PROJECT || folder,
      text: added + text,
      line: position.line + lines,
      character: position.character,
      python: python()
    });
    return answer && listOf(answer, lines);
  });
  documents.listen(connection);
  connection.listen();
}

type Question = Params<'underpass/language/complete'>;

/** The service, connected to when first needed and again when it is gone. */
class ServiceConnection {
  private client: Promise<ServiceClient> | undefined;

  /** @returns undefined where the service can not answer: an editor shows no dialogs for that */
  async ask(
    question: Question
  ): Promise<Results['underpass/language/complete'] | undefined> {
    try {
      const client = await (this.client ??= this.connect());
      return await client.request('underpass/language/complete', question);
    } catch (error) {
      this.client = undefined;
      process.stderr.write(`underpass: ${String(error)}\n`);
      return undefined;
    }
  }

  private async connect(): Promise<ServiceClient> {
    const socket = await connectToService();
    const client = await ServiceClient.open(socket, 'language server');
    client.onClose(() => {
      this.client = undefined;
    });
    return client;
  }
}

const firstLine = (integration: string) =>
  `%%sql ${integration === '' ? '' : quote(integration)}\n`;

/** The Python that the launcher of this command says. */
function python() {
  const { UNDERPASS_PYTHON: program, PYTHONPATH: path } = process.env;
  return program ? { program, ...(path ? { path } : {}) } : undefined;
}

function folderOf({
  workspaceFolders,
  rootUri
}: InitializeParams): string | undefined {
  const uri = workspaceFolders?.[0]?.uri ?? rootUri;
  try {
    // jupyterlab-lsp writes virtual documents into a folder of their own.
    return uri
      ? resolve(
          fileURLToPath(uri).replace(/[\\/]\.virtual_documents[\\/]?$/, '')
        )
      : undefined;
  } catch {
    return undefined;
  }
}

function listOf(
  { range, items, isIncomplete }: Results['underpass/language/complete'],
  linesAdded: number
): CompletionList {
  const shifted = {
    start: { ...range.start, line: range.start.line - linesAdded },
    end: { ...range.end, line: range.end.line - linesAdded }
  };
  return {
    isIncomplete,
    items: items.map(({ text, filter, kind, detail }, index) => ({
      label: text,
      kind: kinds[kind],
      ...(detail ? { detail } : {}),
      filterText: filter,
      sortText: String(index).padStart(4, '0'),
      textEdit: { range: shifted, newText: text }
    }))
  };
}
