import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Runs `work` while no other process on this machine runs work of the same name. The lock is a listening socket without
 * a file (Linux: abstract socket; Windows: named pipe), so the kernel gives it back when its holder dies, however it
 * dies. macOS has neither: there the work just runs.
 */
export async function exclusive<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
  const address = lockAddress(name);
  if (address === null) return await work();
  const { server, waiting } = await acquire(address);
  try {
    return await work();
  } finally {
    server.close();
    for (const socket of waiting) socket.destroy();
  }
}

function lockAddress(name: string): string | null {
  const id = createHash('sha256')
    .update(`${process.getuid?.() ?? ''}:${name}`)
    .digest('hex')
    .slice(0, 32);
  if (process.platform === 'linux') return `\0overstory-control-room-${id}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\overstory-control-room-${id}`;
  return null;
}

async function acquire(address: string): Promise<{ readonly server: Server; readonly waiting: ReadonlySet<Socket> }> {
  for (;;) {
    const waiting = new Set<Socket>();
    // Waiters hang on the holder's connection; when it goes they race for the address again.
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => waiting.delete(socket));
    });
    server.listen(address);
    try {
      await once(server, 'listening');
      return { server, waiting };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
    await holderGone(address);
  }
}

async function holderGone(address: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(address);
    // Refused or reset means that the holder went away meanwhile: the same news as a close, which always follows.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => resolve());
  });
}
