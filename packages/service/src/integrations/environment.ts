/**
 * Names and values of the environment variables of a forward.
 */

/** `My SSH tunnel` → `MY_SSH_TUNNEL`. */
export function environmentPrefix(name: string): string {
  const prefix = name.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
  return /^[0-9]/.test(prefix) ? `_${prefix}` : prefix;
}

export function environmentVariables(
  name: string,
  forward: {
    localHost: string;
    localPort: number;
    remoteHost: string;
    remotePort: number;
  }
): Record<string, string> {
  const prefix = environmentPrefix(name);
  return {
    [`${prefix}_LOCAL_HOST`]: forward.localHost,
    [`${prefix}_LOCAL_PORT`]: String(forward.localPort),
    [`${prefix}_REMOTE_HOST`]: forward.remoteHost,
    [`${prefix}_REMOTE_PORT`]: String(forward.remotePort)
  };
}
