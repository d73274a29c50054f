import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { platform } from 'node:os';

import { systemCode } from '../serviceError.js';

/** Undefined on Windows. Read once: it needs no file, unlike the user's name. */
const ownUid = process.getuid?.();
const root = 0;

/**
 * Whether the other end of an accepted loopback connection belongs to this user (or to root). Linux only: there the
 * kernel's table names the owner of each socket; elsewhere every local user is let in. When in doubt, no.
 */
export async function isOwnPeer(socket: Socket): Promise<boolean> {
  if (platform() !== 'linux') {
    return true;
  }
  let table: string;
  try {
    table = await readFile('/proc/net/tcp', 'ascii');
  } catch (error) {
    // Without /proc there is nothing to ask; without a free descriptor there is, and somebody wants us not to.
    return systemCode(error) === 'ENOENT';
  }
  const peer = tableAddress(socket.remoteAddress, socket.remotePort);
  const own = tableAddress(socket.localAddress, socket.localPort);
  const uid = ownerOf(table, peer, own);
  return uid === ownUid || uid === root;
}

/**
 * @returns the uid of the socket whose own address is `local`; undefined when it is gone, or closed by its owner: the
 * kernel then shows root as the owner of what is left of it, with no inode
 */
export function ownerOf(
  table: string,
  local: string,
  remote: string
): number | undefined {
  // Columns: sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …
  const line = table
    .split('\n')
    .map(row => row.trim().split(/\s+/))
    .find(columns => columns[1] === local && columns[2] === remote);
  return line && line[9] !== '0' ? Number(line[7]) : undefined;
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
