import { connectToService } from './launch.js';

/** Connect this process's stdio to the service: what language clients and the Jupyter server start. */
export async function shim(): Promise<void> {
  const socket = await connectToService();
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  await new Promise<void>(resolve => {
    socket.once('close', resolve);
    socket.once('error', () => socket.destroy());
    process.stdout.once('error', () => socket.destroy());
  });
  process.exit(0);
}
