import type { Result } from '../../../contract/result.ts';
import { fail, ok } from '../../../contract/result.ts';
import { ensurePtyHost } from '../../pty-host/client.ts';
import type { HostTerminal, PtyHostClient } from '../../pty-host/protocol.ts';
import type { Log } from '../engineLog.ts';

/** The engine's connection to the pty host: made on first use, made again when it breaks. */
export interface HostLink {
  /** A live client, connecting (and starting the host) when needed. */
  client(): Promise<Result<PtyHostClient>>;
  /** The connection there is right now; nothing is started or connected for the question. */
  connected(): PtyHostClient | null;
  /** Rows of the host as last told; empty while not connected. */
  rows(): ReadonlyMap<string, HostTerminal>;
  /** Ends the host with all that runs under it, when it is connected; nothing is started or connected for it. */
  endHost(): Promise<Result<unknown>>;
  close(): void;
}

export interface HostLinkOptions {
  readonly projectRoot: string;
  readonly log: Log;
  /** A row appeared or changed; `previous` is null for a new one. */
  readonly onRow: (row: HostTerminal, previous: HostTerminal | null) => void;
  readonly onGone: (id: string) => void;
  /** A host was reached; nothing is asked of it before this is done. */
  readonly prepare?: (client: PtyHostClient) => Promise<void>;
  /** A connection was made anew: everything that was known of running processes has to be looked at again. */
  readonly onConnected: (first: boolean) => void;
  /** Extra arguments of a host that has to be started, for tests. */
  readonly hostArgs?: readonly string[];
}

/** Milliseconds before the next attempt after the host was lost. */
const RECONNECT_MS = 250;

/** Makes the link; nothing is connected until the first use. */
export function createHostLink(options: HostLinkOptions): HostLink {
  let current: PtyHostClient | null = null;
  let connecting: Promise<Result<PtyHostClient>> | null = null;
  let rows = new Map<string, HostTerminal>();
  let connectedBefore = false;
  let closed = false;
  let retry: NodeJS.Timeout | null = null;

  async function connect(): Promise<Result<PtyHostClient>> {
    const made = await ensurePtyHost({
      projectRoot: options.projectRoot,
      ...(options.hostArgs === undefined ? {} : { extraArgs: options.hostArgs }),
    });
    if (!made.ok) {
      options.log('error', 'pty host is not reachable', { error: made.error.message });
      return made;
    }
    if (closed) {
      made.value.client.close();
      return fail('cancelled', 'the engine is closing');
    }
    const { client } = made.value;
    current = client;
    const { promise: seen, resolve: firstSnapshot } = Promise.withResolvers<void>();
    client.subscribe('terminals', (state) => {
      const previous = rows;
      rows = new Map(Object.entries(state.byId));
      firstSnapshot();
      for (const [id, row] of rows) if (previous.get(id) !== row) options.onRow(row, previous.get(id) ?? null);
      for (const id of previous.keys()) if (!rows.has(id)) options.onGone(id);
    });
    client.onClose((reason) => {
      current = null;
      firstSnapshot();
      if (closed) return;
      options.log('warn', 'pty host lost, connecting again', { reason });
      retry = setTimeout(() => void link.client(), RECONNECT_MS);
    });
    await seen;
    await options.prepare?.(client);
    const first = !connectedBefore;
    connectedBefore = true;
    options.onConnected(first);
    return ok(client);
  }

  const link: HostLink = {
    async client() {
      if (current !== null) return ok(current);
      if (closed) return fail('cancelled', 'the engine is closing');
      connecting ??= connect().finally(() => {
        connecting = null;
      });
      return connecting;
    },
    connected: () => current,
    rows: () => rows,
    async endHost() {
      const client = current;
      closed = true;
      if (retry !== null) clearTimeout(retry);
      return client === null ? ok({}) : client.call('host.shutdown', { force: true });
    },
    close() {
      closed = true;
      if (retry !== null) clearTimeout(retry);
      current?.close();
    },
  };
  return link;
}
