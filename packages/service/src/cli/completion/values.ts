/**
 * Values for completion: types and fields, which are part of the program, and names, which only a service knows that
 * runs already. None is started, and a slow one is not waited for: nobody wants to wait for the Tab key.
 */
import type { Socket } from 'node:net';
import { resolve } from 'node:path';

import type { Integration, IntegrationType } from '@underpass/protocol';

import { hostPort } from '../../address.js';
import { describeType } from '../../integrations/define.js';
import { definitions } from '../../integrations/registry.js';
import { ServiceClient } from '../../rpc/client.js';
import { within } from '../../within.js';
import { connectToRunning } from '../runningService.js';
import type { Candidate, Typed } from './candidates.js';

/** Milliseconds that the service has to answer in. */
const patience = 200;

export class Values {
  private readonly types = definitions.map(describeType);

  async ofArgument(name: string, typed: Typed): Promise<Candidate[]> {
    switch (name) {
      case 'name':
      case 'names':
        return (await this.integrations(typed))
          .filter(
            integration =>
              !typed.positionals.includes(integration.name) &&
              isMeant(typed.command.name(), integration)
          )
          .map(integration => ({
            value: integration.name,
            description: this.labelOf(integration.type)
          }));
      case 'type':
        return this.types.map(({ id, label }) => ({
          value: id,
          description: label
        }));
      case 'host:port':
        return hosts();
      default:
        return [];
    }
  }

  async ofOption(flag: string, typed: Typed): Promise<Candidate[]> {
    switch (flag) {
      case '--type':
        return this.ofArgument('type', typed);
      case '--set':
        return assignable(await this.typeOf(typed));
      case '--unset':
        return fieldsOf(await this.typeOf(typed));
      case '--secret':
        return (await this.typeOf(typed)).flatMap(({ secrets }) =>
          secrets.map(field => ({ value: `${field}=-` }))
        );
      default:
        return [];
    }
  }

  private labelOf(type: string): string {
    return this.types.find(({ id }) => id === type)?.label ?? type;
  }

  /** The type that the command line is about; nothing where it does not say. */
  private async typeOf(typed: Typed): Promise<IntegrationType[]> {
    const named = typed.positionals[0];
    const wanted =
      typed.options.get('--type')?.at(-1) ??
      (named === undefined
        ? undefined
        : (await this.integrations(typed)).find(
            ({ name }) => name.toLowerCase() === named.toLowerCase()
          )?.type);
    return this.types.filter(({ id }) => id === wanted);
  }

  private async integrations({ options }: Typed): Promise<Integration[]> {
    const folder = resolve(
      options.get('--project')?.at(-1) ??
        (process.env.UNDERPASS_PROJECT || process.cwd())
    );
    const answer = await askRunning(client =>
      client.request('underpass/integrations/list', { folder })
    );
    return answer?.integrations ?? [];
  }
}

/** `connect` is for what is not connected. */
function isMeant(command: string, { connected }: Integration): boolean {
  return (
    (command !== 'connect' || !connected) &&
    (command !== 'disconnect' || connected)
  );
}

interface Property {
  title?: string;
  type?: string;
  enum?: string[];
}

const propertiesOf = ({ schema }: IntegrationType) =>
  (schema.properties ?? {}) as { [field: string]: Property };

function fieldsOf(types: readonly IntegrationType[]): Candidate[] {
  return types.flatMap(type =>
    type.order.map(field => ({
      value: field,
      description: propertiesOf(type)[field]?.title ?? ''
    }))
  );
}

/** `host=`, `sslMode=strict`, `sshEnabled=true`. */
function assignable(types: readonly IntegrationType[]): Candidate[] {
  return types.flatMap(type =>
    type.order
      .filter(field => !type.secrets.includes(field))
      .flatMap((field): Candidate[] => {
        const {
          title = '',
          type: kind,
          enum: choices
        } = propertiesOf(type)[field] ?? {};
        const values = kind === 'boolean' ? ['true', 'false'] : choices;
        return values
          ? values.map(value => ({
              value: `${field}=${value}`,
              description: title
            }))
          : [{ value: `${field}=`, description: title, open: true }];
      })
  );
}

async function hosts(): Promise<Candidate[]> {
  const answers = await askRunning(client =>
    Promise.all([
      client.request('underpass/hostKeys/list', {}),
      client.request('underpass/prompts/list', {})
    ])
  );
  const known = answers?.[0].hostKeys.map(hostPort) ?? [];
  const asked = answers?.[1].prompts.map(hostPort) ?? [];
  return [...new Set([...asked, ...known])].map(value => ({ value }));
}

/** @returns undefined where no service runs, or none that answers soon */
async function askRunning<T>(
  question: (client: ServiceClient) => Promise<T>
): Promise<T | undefined> {
  let socket: Socket | undefined;
  const ask = async () => {
    socket = await connectToRunning();
    return socket
      ? question(await ServiceClient.open(socket, 'underpass completion'))
      : undefined;
  };
  try {
    return await within(ask(), patience, () => new Error('too late'));
  } catch {
    return undefined;
  } finally {
    // With it ends whatever still waits for an answer.
    socket?.destroy();
  }
}
