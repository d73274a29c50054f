import type { TestStage } from '@underpass/protocol';

import type { Client, Service } from '../service.js';

/** What a request is handled with, besides its parameters. */
export interface RequestContext {
  service: Service;
  client: Client;
  signal: AbortSignal;
  /** Tell the client what its request waits for. */
  progress(message: string): void;
  /** Tell the client how its test goes on. */
  testStage?(stage: TestStage): void;
}
