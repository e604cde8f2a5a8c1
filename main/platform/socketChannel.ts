import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { Channel } from '../../contract/wire/channel.ts';
import { connectSocket, socketChannel } from './socketConnection.ts';

export { connectSocket, socketChannel } from './socketConnection.ts';

/** Bytes of a socket path the kernels take (Linux 108, macOS 104, each with the end mark). */
const PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

export interface SocketListener {
  readonly path: string;
  /** Stops listening and removes the socket file. Open channels go on; their owner closes them. */
  close(): Promise<void>;
}

/**
 * Listens on a unix socket (file 0600 in a folder 0700 of our own) or a named pipe. A socket file nobody answers on is
 * replaced. Fails with `conflict` when somebody does, with `config` for a path or folder that cannot be used.
 */
export async function listenSocket(
  path: string,
  onChannel: (channel: Channel) => void,
): Promise<Result<SocketListener>> {
  const isPipe = path.startsWith('\\\\');
  if (!isPipe) {
    const prepared = await prepareFolder(path);
    if (!prepared.ok) return prepared;
  }
  const server = createServer((socket) => onChannel(socketChannel(socket)));
  let listening = await listen(server, path);
  if (!listening.ok && listening.error.tag === 'conflict' && !isPipe) {
    const removed = await removeStale(path);
    if (!removed.ok) return removed;
    listening = await listen(server, path);
  }
  if (!listening.ok) return listening;
  // Without a listener an accept error would be thrown; running out of descriptors costs that one connection.
  server.on('error', () => {});
  if (!isPipe) await chmod(path, 0o600);
  return ok({
    path,
    async close() {
      // Not awaited: it would wait for the open channels, which are their owners'. Listening ends at once.
      server.close();
      if (!isPipe) await rm(path, { force: true });
    },
  });
}

async function prepareFolder(path: string): Promise<Result<null>> {
  if (Buffer.byteLength(path) > PATH_BYTES) {
    return fail(
      'config',
      `the socket path is longer than ${PATH_BYTES} bytes: ${path}; use a folder with a shorter path`,
    );
  }
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = await stat(folder);
    if (process.platform === 'win32' || (mode & 0o077) === 0) return ok(null);
    // A folder shared with others (/tmp is sticky) is not ours to close.
    if ((mode & 0o1000) !== 0 || uid !== process.getuid?.()) {
      return fail('config', `the socket folder ${folder} is open to other users; use one of your own`);
    }
    await chmod(folder, 0o700);
    return ok(null);
  } catch (error) {
    return fail('config', `the socket folder ${folder} cannot be used: ${errorText(error)}`);
  }
}

function listen(server: Server, path: string): Promise<Result<null>> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off('listening', onListening);
      resolve(
        error.code === 'EADDRINUSE'
          ? fail('conflict', `somebody already listens on ${path}`)
          : fail('config', `cannot listen on ${path}: ${errorText(error)}`),
      );
    };
    const onListening = (): void => {
      server.off('error', onError);
      resolve(ok(null));
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen({ path });
  });
}

/** Removes a socket file that refuses connections, unless it changed while we looked. */
async function removeStale(path: string): Promise<Result<null>> {
  const conflict = fail('conflict', `somebody already listens on ${path}`);
  try {
    const before = await stat(path);
    if (!before.isSocket())
      return fail('config', `${path} exists and is not a socket; remove it or choose another path`);
    const probe = await connectSocket(path);
    if (probe.ok) {
      probe.value.close('probe');
      return conflict;
    }
    const after = await stat(path);
    if (after.ino !== before.ino || after.ctimeMs !== before.ctimeMs) return conflict;
    await rm(path);
    return ok(null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ok(null);
    return fail('config', `the old socket ${path} cannot be removed: ${errorText(error)}`);
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
