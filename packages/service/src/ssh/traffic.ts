import type { Socket } from 'node:net';

/** Bytes towards the remote host, and back. */
export interface Traffic {
  sent: number;
  received: number;
}

/** What went through a local socket: the system counts, so the stream itself is not touched. */
export function trafficOf(socket: Socket): Traffic {
  return { sent: socket.bytesRead, received: socket.bytesWritten };
}

export function add(total: Traffic, more: Traffic): void {
  total.sent += more.sent;
  total.received += more.received;
}
