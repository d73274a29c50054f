import type { IntegrationDefinition } from './define.js';
import { host, port, requiredSsh } from './fields.js';
import { tunnelExamples } from './sshTunnelExamples.js';
import { readUrl } from './urlParts.js';

export const sshTunnel: IntegrationDefinition = {
  id: 'ssh-tunnel',
  label: 'SSH tunnel',
  kind: 'tunnel',
  ssh: 'required',
  shape: {
    ...requiredSsh,
    remoteHost: host('Remote host', 'The service, as the bastion knows it'),
    remotePort: port('Remote port')
  },
  links: [],
  keywords: [
    'ssh',
    'bastion',
    'jump host',
    'port forwarding',
    'http',
    'api',
    'redis',
    'kafka',
    'elasticsearch',
    'tcp',
    'other'
  ],
  urlSchemes: ['ssh'],
  fromUrl: url => {
    const bastion = readUrl(url);
    return {
      fields: {
        ...(bastion.host ? { sshHost: bastion.host } : {}),
        ...(bastion.port ? { sshPort: bastion.port } : {}),
        ...(bastion.user ? { sshUser: bastion.user } : {})
      },
      secrets: {},
      remarks: bastion.password
        ? [
            'The password was left out: the bastion is logged in to with the key of the workspace.'
          ]
        : []
    };
  },
  remote: fields => ({
    host: String(fields.remoteHost),
    port: Number(fields.remotePort)
  }),
  howToUse: tunnelExamples
};
