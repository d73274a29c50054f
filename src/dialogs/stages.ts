import type { TranslationBundle } from '@jupyterlab/translation';
import type { Integration, IntegrationType, Stage } from '@underpass/protocol';

/** The stages that a test of an integration has, in order. */
export function stagesOf(
  { fields }: Pick<Integration, 'fields'>,
  type: IntegrationType | undefined
): readonly Stage[] {
  const usesSsh = type?.ssh === 'required' || fields.sshEnabled === true;
  return [
    'resolve',
    'tcp',
    ...(usesSsh
      ? (['ssh-handshake', 'host-key', 'auth', 'forward'] as const)
      : []),
    ...(type?.kind === 'tunnel' ? [] : (['tls', 'login', 'query'] as const))
  ];
}

/** An SSH server that a test logs in to. */
export interface IBastion {
  host: string;
  port: number;
}

/** That of an integration, or of what a form says; null where none is named. */
export function bastionOf({
  sshHost,
  sshPort
}: Integration['fields']): IBastion | null {
  return typeof sshHost === 'string'
    ? { host: sshHost.trim(), port: Number(sshPort ?? 22) }
    : null;
}

/** What a stage does, for people. */
export function stageLabel(stage: Stage, trans: TranslationBundle): string {
  switch (stage) {
    case 'resolve':
      return trans.__('Find the address of the server');
    case 'tcp':
      return trans.__('Connect to it');
    case 'ssh-handshake':
      return trans.__('Agree on encryption with the bastion');
    case 'host-key':
      return trans.__('Check the host key');
    case 'auth':
      return trans.__('Log in to the bastion');
    case 'forward':
      return trans.__('Reach the service behind the bastion');
    case 'tls':
      return trans.__('Check TLS');
    case 'login':
      return trans.__('Log in to the database');
    case 'query':
      return trans.__('Run a query');
    case 'request':
      return trans.__('Prepare');
  }
}
