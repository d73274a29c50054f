import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { platform, userInfo } from 'node:os';

/**
 * Whether the other end of an accepted loopback connection belongs to this user (or to root). Linux only: there the
 * kernel's table names the owner of each socket; elsewhere every local user is let in.
 */
export async function isOwnPeer(socket: Socket): Promise<boolean> {
  if (platform() !== 'linux') {
    return true;
  }
  let table: string;
  try {
    table = await readFile('/proc/net/tcp', 'ascii');
  } catch {
    return true;
  }
  const peer = tableAddress(socket.remoteAddress, socket.remotePort);
  const own = tableAddress(socket.localAddress, socket.localPort);
  const uid = ownerOf(table, peer, own);
  return uid === userInfo().uid || uid === 0;
}

/** @returns the uid of the socket whose own address is `local`, undefined when it is gone */
export function ownerOf(
  table: string,
  local: string,
  remote: string
): number | undefined {
  // Columns: sl local_address rem_address st tx:rx tr:tm retrnsmt uid …
  const line = table
    .split('\n')
    .map(row => row.trim().split(/\s+/))
    .find(columns => columns[1] === local && columns[2] === remote);
  return line ? Number(line[7]) : undefined;
}

/** `0100007F:1F90` for 127.0.0.1:8080: the address in host byte order (all our Linux targets are little-endian). */
function tableAddress(
  address: string | undefined,
  port: number | undefined
): string {
  const bytes = (address ?? '').split('.').map(Number).reverse();
  const hex = (value: number, digits: number) =>
    value.toString(16).toUpperCase().padStart(digits, '0');
  return `${bytes.map(byte => hex(byte, 2)).join('')}:${hex(port ?? 0, 4)}`;
}
