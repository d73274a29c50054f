import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Method, Params, Results } from '@underpass/protocol';

import { PolicyFile } from '../policy/policyFile.js';
import { handle } from '../rpc/handle.js';
import { type Client, Service } from '../service.js';
import type { Sshd } from './sshd.js';

/** A service with an empty workspace, spoken to without a socket. */
export class TestWorkspace {
  /** Where an administrator may write; looked at every 20 ms. */
  readonly policyFile: string;
  readonly client: Client = {
    kind: 'kernel',
    name: 'test',
    approves: false,
    since: new Date()
  };
  readonly messages: string[] = [];
  service: Service;

  /** @param folder of another one, to be a second host that shares it */
  constructor(
    readonly folder = mkdtempSync(join(tmpdir(), 'underpass-test-'))
  ) {
    this.policyFile = join(folder, 'policy.json');
    this.service = this.start();
  }

  /** As after the old process was killed: only what is on disk remains. */
  restart(): void {
    this.service.tunnels.close();
    this.service.policy.close();
    this.service = this.start();
  }

  request<M extends Method>(method: M, params: Params<M>): Promise<Results[M]> {
    return handle(method, params, {
      service: this.service,
      client: this.client,
      signal: new AbortController().signal,
      progress: message => this.messages.push(message)
    }) as Promise<Results[M]>;
  }

  /** Add and connect an SSH tunnel, by the bastion given, to a port of this machine. */
  addTunnel(name: string, sshd: Sshd, remotePort: number) {
    return this.request('underpass/integrations/add', {
      folder: this.folder,
      type: 'ssh-tunnel',
      name,
      fields: {
        sshHost: sshd.host,
        sshPort: sshd.port,
        sshUser: sshd.user,
        remoteHost: '127.0.0.1',
        remotePort
      }
    });
  }

  forward(integration: string) {
    return this.service.tunnels.forward(this.service.store.find(integration));
  }

  /** Let the bastion know the workspace's key, and the workspace the bastion's. */
  async trust(sshd: Sshd): Promise<void> {
    const { publicKey } = await this.request('underpass/key/show', {});
    sshd.authorize(publicKey);
    await this.approve(sshd);
  }

  /** Trust the host key that a bastion has. */
  async approve({ host, port, fingerprint }: Sshd): Promise<void> {
    await this.request('underpass/hostKeys/approve', {
      host,
      port,
      fingerprint
    });
  }

  remove(): void {
    this.service.catalogs.clear();
    this.service.tunnels.close();
    this.service.policy.close();
    rmSync(this.folder, { recursive: true });
  }

  private start(): Service {
    const service = new Service(
      {
        home: this.folder,
        socket: join(this.folder, 's.sock'),
        pid: join(this.folder, 's.pid'),
        log: join(this.folder, 's.log'),
        ports: join(this.folder, 'ports.json')
      },
      undefined,
      new PolicyFile(this.policyFile, false, 20)
    );
    service.clients.add(this.client);
    return service;
  }
}
