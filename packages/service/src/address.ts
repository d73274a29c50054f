import { isIPv6 } from 'node:net';

/** An address in the network, as people write it. */
export interface HostAndPort {
  host: string;
  port: number;
}

/** `host:port`, with an IPv6 address in brackets. */
export function hostPort({ host, port }: HostAndPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address.
 * @returns undefined for anything else
 */
export function parseHostPort(
  text: string,
  standardPort: number
): HostAndPort | undefined {
  if (isIPv6(text)) {
    return { host: text, port: standardPort };
  }
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? standardPort);
  return host !== undefined && port >= 1 && port <= 65535
    ? { host, port }
    : undefined;
}
