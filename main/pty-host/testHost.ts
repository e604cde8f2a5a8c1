import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallError, Result } from '../../contract/result.ts';
import type { AttachTerminalReply } from '../../contract/terminals.ts';
import type { StreamReader } from '../../contract/wire/definition.ts';
import { isSameProcess } from '../platform/processes.ts';
import { removeTestFolder, testFolder } from '../platform/testFolders.ts';
import { ensurePtyHost } from './client.ts';
import type { HostFile } from './hostFiles.ts';
import type { HostTerminal, PtyHostClient, RunOnTerminal } from './protocol.ts';

/** Support for tests: a real host process for a project of its own, and viewers that collect. Not part of the product. */
export interface TestHost {
  readonly root: string;
  readonly client: PtyHostClient;
  readonly info: HostFile;
  open(id: string, size?: { cols: number; rows: number }): Promise<HostTerminal>;
  run(id: string, argv: readonly string[], extra?: Partial<RunOnTerminal>): Promise<number>;
  shell(id: string, argv: readonly string[]): Promise<number>;
  row(id: string): Promise<HostTerminal>;
  /** Waits for a state of a terminal, told by the topic. */
  until(id: string, condition: (row: HostTerminal) => boolean): Promise<HostTerminal>;
  ended(id: string): Promise<HostTerminal>;
  attach(id: string, options?: AttachOptions): Promise<TestViewer>;
  stop(): Promise<void>;
}

export interface AttachOptions {
  readonly anchor?: AttachTerminalReply['anchor'];
  /** False for a viewer that never acknowledges. */
  readonly acks?: boolean;
  readonly answers?: boolean;
}

export interface TestViewer {
  readonly reply: AttachTerminalReply;
  readonly received: () => Buffer;
  /** Offset after the last byte received. */
  readonly position: () => number;
  readonly ended: Promise<string>;
  until(condition: (received: Buffer) => boolean): Promise<void>;
  ack(): void;
  close(): void;
}

/** The value of a good result; a test that meets a failure fails with its message. */
export function value<Value>(result: Result<Value, CallError>): Value {
  if (!result.ok) throw new Error(`${result.error.tag}: ${result.error.message}`);
  return result.value;
}

/** Polls something no event tells of, such as the death of a process that is not our child. */
export async function eventually<Value>(
  look: () => Promise<Value> | Value,
  accept: (value: Value) => boolean,
): Promise<Value> {
  for (const deadline = Date.now() + 60_000; ; ) {
    const seen = await look();
    if (accept(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`did not happen in 60 s; last seen: ${JSON.stringify(seen)}`);
    await sleep(10);
  }
}

export async function temporaryProject(): Promise<string> {
  return testFolder('overstory-pty');
}

/** Ends a host by force, whatever runs under it, and removes its project. */
export async function discardHost(root: string, info: HostFile, client: PtyHostClient): Promise<void> {
  await client.call('host.shutdown', { force: true });
  client.close();
  await eventually(
    () => isSameProcess(info),
    (alive) => !alive,
  );
  await removeTestFolder(root);
}

export async function startTestHost(extraArgs: readonly string[] = []): Promise<TestHost> {
  const root = await temporaryProject();
  const { client, info } = value(await ensurePtyHost({ projectRoot: root, extraArgs }));
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: root };

  const until: TestHost['until'] = (id, condition) =>
    new Promise((resolve) => {
      let done = false;
      const end = client.subscribe('terminals', (state) => {
        const row = state.byId[id];
        if (done || row === undefined || !condition(row)) return;
        done = true;
        resolve(row);
        queueMicrotask(() => end());
      });
    });

  return {
    root,
    client,
    info,
    until,
    open: async (id, size = { cols: 80, rows: 24 }) =>
      value(await client.call('terminals.open', { id, kind: 'agent', agent: id, title: id, cwd: root, size })),
    run: async (id, argv, extra = {}) => {
      const files = { stdinFile: null, stdoutFile: null, stderrFile: null, exitFile: null };
      const input = { id, argv: [...argv], cwd: root, env, ...files, tag: `turn of ${id}`, ...extra };
      return value(await client.call('terminals.run', input)).pid;
    },
    shell: async (id, argv) => value(await client.call('terminals.shell', { id, argv: [...argv], cwd: root, env })).pid,
    row: async (id) => {
      const found = value(await client.call('terminals.list', {})).terminals.find((row) => row.id === id);
      if (found === undefined) throw new Error(`no terminal ${id}`);
      return found;
    },
    ended: (id) => until(id, (row) => !row.running && row.exit !== null),
    attach: async (id, options = {}) => attachViewer(client, id, options),
    stop: () => discardHost(root, info, client),
  };
}

/** Attaches a viewer that keeps what it receives. */
export async function attachViewer(
  client: PtyHostClient,
  id: string,
  options: AttachOptions = {},
): Promise<TestViewer> {
  const { anchor, acks = true, answers } = options;
  const extra = { ...(anchor === undefined ? {} : { anchor }), ...(answers === undefined ? {} : { answers }) };
  const reply = value(await client.call('terminals.attach', { id, size: null, ...extra }));
  const chunks: Uint8Array[] = [];
  const watchers = new Set<() => void>();
  let position = reply.anchor.offset;
  let tellEnd: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    tellEnd = resolve;
  });
  // Bytes that came before this are handed over while `openStream` still runs.
  let reader: StreamReader | null = null;
  reader = client.openStream(reply.stream, {
    onBytes(bytes, offset) {
      if (offset !== position) throw new Error(`gap in the stream: ${position} is followed by ${offset}`);
      chunks.push(bytes.slice());
      position = offset + bytes.length;
      if (acks) reader?.ack(position);
      for (const watcher of [...watchers]) watcher();
    },
    onEnd: (reason) => tellEnd(reason),
  });
  if (acks) reader.ack(position);
  const received = () => Buffer.concat(chunks);
  return {
    reply,
    received,
    position: () => position,
    ended,
    until: (condition) =>
      new Promise((resolve) => {
        const watcher = () => {
          if (!condition(received())) return;
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
      }),
    ack: () => reader?.ack(position),
    close: () => reader?.close(),
  };
}

export async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8');
}
