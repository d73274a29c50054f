import { EventEmitter } from 'node:events';

import {
  type Failure,
  type Feature,
  features,
  type Permissions
} from '@underpass/protocol';

import { type Fields, sshTarget } from '../integrations/define.js';
import { definitions } from '../integrations/registry.js';
import { ServiceError } from '../serviceError.js';
import type { PolicyFile } from './policyFile.js';
import { readRules, type Rules } from './rules.js';

interface PolicyEvents {
  /** Something was switched on or off, or the administrator's addresses are others. */
  changed: [];
}

/** An integration as far as it can be switched off. */
export interface Judged {
  type: string;
  name?: string;
  fields: Fields;
}

/**
 * What the administrator allows: what neither the policy file nor a connected Jupyter server switches off. What a
 * server says holds as long as it is connected.
 */
export class Policy extends EventEmitter<PolicyEvents> {
  private readonly servers = new Map<object, { name: string; rules: Rules }>();

  constructor(private readonly file: PolicyFile) {
    super();
    file.on('changed', () => this.emit('changed'));
  }

  allows(feature: Feature): boolean {
    return this.places().every(({ rules }) => !rules.switchedOff.has(feature));
  }

  permissions(): Permissions {
    return Object.fromEntries(
      features.map(feature => [feature, this.allows(feature)])
    ) as Permissions;
  }

  /** The administrator's addresses, with where they stand; none where the users may give some. */
  egressAddresses(): {
    from: string[];
    addresses: string[];
    remarks: string[];
  } {
    const places = this.places().filter(
      ({ rules }) => rules.egressAddresses.length > 0
    );
    const all = (read: (rules: Rules) => readonly string[]) => [
      ...new Set(places.flatMap(({ rules }) => read(rules)))
    ];
    return {
      from: places.map(({ name }) => name),
      addresses: all(rules => rules.egressAddresses),
      remarks: all(rules => rules.remarks)
    };
  }

  /** Where something is switched off. */
  from(feature?: Feature): string[] {
    return this.places()
      .filter(({ rules }) =>
        feature ? rules.switchedOff.has(feature) : rules.switchedOff.size > 0
      )
      .map(({ name }) => name);
  }

  problems(): string[] {
    return this.places().flatMap(({ rules }) => rules.problems);
  }

  /**
   * A Jupyter server came, with what its configuration says.
   * @returns what could not be understood
   */
  join(server: object, name: string, said: unknown): readonly string[] {
    const rules = readRules(said, name);
    this.servers.set(server, { name, rules });
    this.emit('changed');
    return rules.problems;
  }

  leave(server: object): void {
    if (this.servers.delete(server)) {
      this.emit('changed');
    }
  }

  /** Why an integration can not be used or kept; undefined if it can. */
  refusal({ type, name, fields }: Judged): Failure | undefined {
    const definition = definitions.find(({ id }) => id === type);
    if (!definition) {
      return undefined;
    }
    if (type === 'ssh-tunnel' && !this.allows('genericTunnel')) {
      return this.switchedOff(
        'genericTunnel',
        `Integrations of the type ${definition.label}`,
        'type',
        'Ask the administrator, or add the database itself.',
        name
      );
    }
    if (sshTarget(definition, fields) && !this.allows('sshTunnels')) {
      return this.switchedOff(
        'sshTunnels',
        'SSH tunnels',
        definition.ssh === 'required' ? 'type' : 'sshEnabled',
        definition.ssh === 'required'
          ? 'Ask the administrator.'
          : 'Ask the administrator, or switch SSH off where the database can be reached without it.',
        name
      );
    }
    if (fields.caCertificate !== undefined && !this.allows('caUpload')) {
      return this.switchedOff(
        'caUpload',
        'Uploaded CA certificates',
        'caCertificate',
        'Leave the CA certificate out: strict then asks the authorities of the system.',
        name
      );
    }
    return undefined;
  }

  /** @throws ServiceError `switched-off` */
  require(integration: Judged): void {
    const refusal = this.refusal(integration);
    if (refusal) {
      throw new ServiceError(refusal);
    }
  }

  /**
   * The same for fields that are not validated yet: of types without SSH, a command line sends `true` as text.
   * @throws ServiceError `switched-off`
   */
  requireTyped(type: string, fields: Fields): void {
    const sshEnabled = fields.sshEnabled === 'true' || fields.sshEnabled;
    this.require({
      type,
      fields: { ...fields, ...(sshEnabled === undefined ? {} : { sshEnabled }) }
    });
  }

  /** @throws ServiceError `switched-off` */
  requireEgress(): void {
    if (!this.allows('egress')) {
      throw new ServiceError(
        this.switchedOff(
          'egress',
          'Egress addresses',
          'addresses',
          'Ask the administrator which addresses to authorize.'
        )
      );
    }
  }

  close(): void {
    this.file.close();
  }

  private switchedOff(
    feature: Feature,
    what: string,
    field: string,
    fix: string,
    name?: string
  ): Failure {
    const said = `${what} are switched off by the administrator (${this.from(feature).join(', ')}).`;
    return {
      code: 'switched-off',
      stage: 'request',
      message: name === undefined ? said : `"${name}" can not be used: ${said}`,
      fix,
      detail: { field, feature }
    };
  }

  private places(): { name: string; rules: Rules }[] {
    return [
      { name: this.file.path, rules: this.file.rules },
      ...this.servers.values()
    ];
  }
}
