import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Join a local socket and a channel until both directions are done. A half-closed direction stays half-closed
 * (`allowHalfOpen` on both); an end that came from losing the SSH connection resets the socket instead, so that no
 * client takes a cut-off answer for a complete one.
 */
export function splice(
  socket: Socket,
  channel: Duplex,
  alive: () => boolean
): void {
  socket.on('error', () => channel.destroy());
  channel.on('error', () => socket.resetAndDestroy());
  channel.on('end', () => {
    if (alive()) {
      socket.end();
    } else {
      socket.resetAndDestroy();
    }
  });
  // ssh2 does not call back a write to a closed channel: without this a pipe would stall for ever.
  channel.on('close', () => {
    if (!alive()) {
      socket.resetAndDestroy();
    } else if (!socket.writableEnded) {
      socket.end();
    } else {
      socket.destroySoon();
    }
  });
  socket.on('close', () => channel.destroy());
  socket.pipe(channel);
  channel.pipe(socket, { end: false });
}
