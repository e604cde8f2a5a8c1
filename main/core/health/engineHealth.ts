import { join } from 'node:path';
import type { EngineHealth, HostHealth, StoreFile } from '../../../contract/health.ts';
import { LIMITS } from '../../../contract/limits.ts';
import type { RoomStatus } from '../../../contract/status.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { HostTerminal } from '../../pty-host/protocol.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { HostLink } from '../terminals/hostLink.ts';
import { fileBytes, folderBytes } from './folderSize.ts';
import { type LoopDelay, watchLoopDelay } from './loopDelay.ts';

/** Files of the stores, in the order they are shown. */
export const STORE_FILES = [
  'sessions.db',
  'mail.db',
  'events.db',
  'metrics.db',
  'merge-queue.db',
  'control-room.db',
  'turn-locks.db',
] as const;

export interface EngineHealthOptions {
  readonly overstoryDirectory: string;
  readonly clock: Clock;
  readonly engine: RoomStatus['engine'];
  readonly control: Pick<ControlStore, 'readLease'>;
  readonly link: Pick<HostLink, 'connected' | 'rows'>;
  readonly faces: () => number;
  readonly watchdog: () => EngineHealth['watchdog'];
}

/** Milliseconds sizes of folders are good for: counting thousands of files every few seconds would be work of its own. */
const SIZES_MS = 30_000;

/** Tells how the engine and the pty host are (the Health screen). */
export function createEngineHealth(options: EngineHealthOptions): {
  read(): Promise<EngineHealth>;
  close(): void;
} {
  const { overstoryDirectory, clock, engine } = options;
  const delay = watchLoopDelay();
  let sizes: { readonly at: number; readonly answer: Promise<readonly [number, number]> } | null = null;

  function folderSizes(): Promise<readonly [number, number]> {
    const now = performance.now();
    if (sizes === null || now - sizes.at > SIZES_MS)
      sizes = {
        at: now,
        answer: Promise.all([
          folderBytes(join(overstoryDirectory, 'recordings')),
          folderBytes(join(overstoryDirectory, 'logs')),
        ]),
      };
    return sizes.answer;
  }

  /** Nothing is started or connected for the question: a host that does not run has no health. */
  async function host(): Promise<HostHealth | null> {
    const client = options.link.connected();
    if (client === null) return null;
    const info = await client.call('host.info', {});
    if (!info.ok) return null;
    const { version, pid, startedAt, terminals, running, connections, memory } = info.value;
    return {
      version,
      pid,
      startedAt,
      terminals,
      running,
      connections,
      memoryBytes: memory,
      ...outputOf([...options.link.rows().values()]),
    };
  }

  return {
    async read() {
      const [stores, [recordingBytes, logBytes], hostHealth] = await Promise.all([
        Promise.all(STORE_FILES.map((name) => storeFile(overstoryDirectory, name))),
        folderSizes(),
        host(),
      ]);
      const lease = options.control.readLease();
      const { rss, heapUsed, heapTotal } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      const loopDelay: LoopDelay = delay.read();
      return {
        at: timestamp(clock.now()),
        engine: {
          ...engine,
          node: process.versions.node,
          faces: options.faces(),
          memory: { residentBytes: rss, heapUsedBytes: heapUsed, heapTotalBytes: heapTotal },
          loopDelay: { ...loopDelay },
          cpuSeconds: Math.round((user + system) / 1e5) / 10,
        },
        lease:
          lease === null
            ? null
            : { pid: lease.pid, instanceId: lease.instanceId, ours: lease.instanceId === engine.instanceId },
        stores,
        recordingBytes,
        logBytes,
        host: hostHealth,
        watchdog: options.watchdog(),
      };
    },
    close: () => delay.close(),
  };
}

/** Bytes written to terminals, and what of it their rings hold: each keeps the newest up to its limit. */
export function outputOf(rows: readonly Pick<HostTerminal, 'bytes'>[]): {
  readonly outputBytes: number;
  readonly ringBytes: number;
} {
  return {
    outputBytes: rows.reduce((sum, row) => sum + row.bytes, 0),
    ringBytes: rows.reduce((sum, row) => sum + Math.min(row.bytes, LIMITS.ringBytes), 0),
  };
}

async function storeFile(folder: string, name: string): Promise<StoreFile> {
  const path = join(folder, name);
  return { name, bytes: await fileBytes(path), walBytes: await fileBytes(`${path}-wal`) };
}
