/**
 * Addresses of this machine on its own networks. Nothing is sent anywhere.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';

import ipaddr from 'ipaddr.js';

/** Of documentation: nobody is there, and the way to them is the way outwards. */
const elsewhere = { udp4: '198.51.100.1', udp6: '2001:db8::1' } as const;

export interface OwnAddresses {
  /** What packets that leave the network carry; at most one of each family. */
  outwards: string[];
  /** Of other interfaces: networks of containers, VPNs. */
  others: string[];
}

/** Without loopback and addresses of one cable. */
export async function ownAddresses(): Promise<OwnAddresses> {
  const sources = await Promise.all([source('udp4'), source('udp6')]);
  const outwards = sources.filter(isUseful);
  const others = Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .filter(address => isUseful(address) && !outwards.includes(address));
  return { outwards, others: [...new Set(others)] };
}

/** The address that the system would send from; '' where there is no way. Connecting a UDP socket sends nothing. */
async function source(family: 'udp4' | 'udp6'): Promise<string> {
  const socket = createSocket(family);
  try {
    socket.connect(9, elsewhere[family]);
    await once(socket, 'connect');
    return socket.address().address;
  } catch {
    return '';
  } finally {
    socket.close();
  }
}

function isUseful(address: string): boolean {
  return (
    ipaddr.isValid(address) &&
    !['loopback', 'linkLocal', 'unspecified'].includes(
      ipaddr.parse(address).range()
    )
  );
}
