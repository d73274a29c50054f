import type { IntegrationDefinition } from './define.js';
import { host, port, requiredSsh } from './fields.js';
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
  howToUse: ({ prefix }) => [
    {
      title: 'Python',
      language: 'python',
      code: [
        'import os',
        '',
        'import requests',
        '',
        `host = os.environ["${prefix}_LOCAL_HOST"]`,
        `port = os.environ["${prefix}_LOCAL_PORT"]`,
        'requests.get(f"http://{host}:{port}/")'
      ].join('\n')
    },
    {
      title: 'R',
      language: 'r',
      code: [
        `host <- Sys.getenv("${prefix}_LOCAL_HOST")`,
        `port <- Sys.getenv("${prefix}_LOCAL_PORT")`,
        'httr2::req_perform(httr2::request(paste0("http://", host, ":", port, "/")))'
      ].join('\n')
    },
    {
      title: 'Shell',
      language: 'shell',
      code: `curl "http://$${prefix}_LOCAL_HOST:$${prefix}_LOCAL_PORT/"`
    }
  ]
};
