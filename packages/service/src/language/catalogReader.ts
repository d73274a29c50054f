import { z } from 'zod';

import { failureCodes, type Ready, stages } from '@underpass/protocol';

import type { HostAndPort } from '../address.js';
import { ProbeProcess, type Python } from '../diagnosis/probeProcess.js';
import { asFailure, fail, ServiceError } from '../serviceError.js';

/** Milliseconds for the login, and for one page of the catalog. */
const patience = 60_000;

const failure = z.object({
  code: z.enum(failureCodes).catch('internal'),
  stage: z.enum([...stages, 'request']),
  message: z.string(),
  fix: z.string()
});
const entry = z.union([z.string(), z.tuple([z.string(), z.string()])]);

/** What `python -m underpass.catalog_reader` says, a line each. */
const line = z.union([
  z.object({ state: z.literal('ready') }),
  z.object({ entries: z.array(entry) }),
  z.object({ failure }),
  z.object({ peer: z.object({ host: z.string(), port: z.int() }) })
]);

/** A string is a name; with a kind or a type beside it where there is one. */
export type Entry = z.infer<typeof entry>;

export type Question =
  | { ask: 'searched' }
  | { ask: 'schemas'; after: string }
  | { ask: 'tables'; schema: string; after: string }
  | { ask: 'columns'; schema: string; table: string };

type Said = Exclude<z.infer<typeof line>, { peer: unknown }>;

/**
 * Reads a catalog with the driver, in the Python that has it; one question at a time, on one connection. Where it
 * failed it is over: whoever needs another one decides whether that is worth a login.
 */
export class CatalogReader {
  private readonly child: ProbeProcess;
  private readonly lines: AsyncIterator<string>;

  private constructor(
    python: Python,
    private readonly peer: (address: HostAndPort) => Promise<HostAndPort>
  ) {
    this.child = new ProbeProcess(python, ['-m', 'underpass.catalog_reader']);
    this.lines = this.child.lines()[Symbol.asyncIterator]();
  }

  /**
   * Log in.
   * @param peer gives forwards to further servers
   * @throws ServiceError why there is no connection
   */
  static async open(
    python: Python,
    ready: Ready,
    peer: (address: HostAndPort) => Promise<HostAndPort>
  ): Promise<CatalogReader> {
    const reader = new CatalogReader(python, peer);
    try {
      reader.child.say(ready);
      await reader.answer();
      return reader;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  /** @throws ServiceError as the driver says it */
  async ask(question: Question): Promise<readonly Entry[]> {
    this.child.say(question);
    const said = await this.answer();
    return 'entries' in said ? said.entries : [];
  }

  /** Whoever ended it. */
  get ended(): Promise<unknown> {
    return this.child.ended;
  }

  close(): void {
    this.child.kill();
  }

  private async answer(): Promise<Said> {
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      this.child.kill();
    }, patience);
    try {
      for (;;) {
        const next = await this.lines.next();
        if (next.done) {
          throw ended(expired);
        }
        const said = parse(next.value);
        if (said && 'peer' in said) {
          this.child.say(await answered(this.peer(said.peer)));
        } else if (said && 'failure' in said) {
          throw new ServiceError(said.failure);
        } else if (said) {
          return said;
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Drivers print to wherever they like: what is not ours is passed over. */
function parse(text: string): z.infer<typeof line> | undefined {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function answered(endpoint: Promise<HostAndPort>): Promise<unknown> {
  try {
    return { endpoint: await endpoint };
  } catch (error) {
    return { failure: asFailure(error) };
  }
}

function ended(expired: boolean): Error {
  return expired
    ? fail(
        'query-timed-out',
        'query',
        `The catalog was not read within ${patience / 1000} seconds.`,
        'It is tried again later.'
      )
    : fail(
        'interpreter-failed',
        'query',
        'What reads the catalog ended without an answer.',
        'It is tried again later.'
      );
}
