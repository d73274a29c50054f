/**
 * Addresses of this machine on its own networks. Nothing is sent anywhere.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';

import ipaddr from 'ipaddr.js';

/** Of documentation: nobody is there, and the way to them is the way outwards. */
const elsewhere = { udp4: '198.51.100.1', udp6: '2001:db8::1' } as const;

/** The one that leads outwards first; without loopback and addresses of one cable. */
export async function ownAddresses(): Promise<string[]> {
  const outwards = await Promise.all([source('udp4'), source('udp6')]);
  const others = Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
  return [...new Set([...outwards, ...others])].filter(isUseful);
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
