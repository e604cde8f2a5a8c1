import { closeSync, constants, openSync } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';
import { type IPty, spawn } from 'node-pty';
import type { TerminalSize } from '../../contract/terminals.ts';
import type { Scheduler } from '../../contract/wire/channel.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { InputQueue } from './inputQueue.ts';

export interface PtySpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly size: TerminalSize;
}

export interface PtyEvents {
  /** Output. The memory is only lent: the next output comes in the same. */
  onData(bytes: Uint8Array): void;
  /** Called once, after the last byte. Exactly one of the two is set. */
  onExit(exit: { readonly code: number | null; readonly signal: number | null }): void;
}

/** A process on a pty of its own session and process group. */
export interface PtyProcess {
  readonly pid: number;
  /** False when the input queue is full because the program does not read. */
  write(bytes: Uint8Array): boolean;
  resize(size: TerminalSize): void;
  /** Stops reading: the kernel's buffer fills and the program waits. */
  pause(): void;
  resume(): void;
}

/** The parts of node-pty's Unix terminal that its public type leaves out (pinned version, checked at run time). */
interface UnixInternals {
  _emittedClose: boolean;
  readonly _socket: Socket;
  readonly fd: number;
  readonly ptsName: string;
}

function unixInternals(terminal: IPty): UnixInternals | null {
  const inner = terminal as unknown as Partial<UnixInternals>;
  const known =
    typeof inner._emittedClose === 'boolean' &&
    typeof inner.fd === 'number' &&
    typeof inner.ptsName === 'string' &&
    inner._socket !== undefined;
  return known ? (inner as UnixInternals) : null;
}

/**
 * Starts a process on a new pty. Throws when the system refuses (no more processes or ptys); a command that cannot be
 * executed is no exception but an exit code and a line on the terminal.
 */
export function startPty(spec: PtySpec, events: PtyEvents, scheduler: Scheduler): PtyProcess {
  const terminal = spawn(spec.file, [...spec.args], {
    name: spec.env.TERM ?? 'xterm-256color',
    cols: spec.size.cols,
    rows: spec.size.rows,
    cwd: spec.cwd,
    env: { ...spec.env },
    encoding: null,
  });
  const internals = unixInternals(terminal);
  return internals === null ? publicPty(terminal, events) : unixPty(terminal, internals, events, scheduler);
}

function exitOf(exit: { readonly exitCode: number; readonly signal?: number | undefined }) {
  const signal = exit.signal === undefined || exit.signal === 0 ? null : exit.signal;
  return { code: signal === null ? exit.exitCode : null, signal };
}

/** Windows: node-pty's own end handling and writer. */
function publicPty(terminal: IPty, events: PtyEvents): PtyProcess {
  let open = true;
  // With `encoding: null` the data are Buffers, which the public type does not say.
  terminal.onData((data: string | Uint8Array) => events.onData(typeof data === 'string' ? Buffer.from(data) : data));
  terminal.onExit((exit) => {
    open = false;
    events.onExit(exitOf(exit));
  });
  return {
    pid: terminal.pid,
    write(bytes) {
      if (open) terminal.write(Buffer.from(bytes));
      return true;
    },
    resize: (size) => {
      if (open) terminal.resize(size.cols, size.rows);
    },
    pause: () => terminal.pause(),
    resume: () => terminal.resume(),
  };
}

/** Bytes of one read: more than any kernel gives at once. */
const READ_BYTES = 64 * 1024;
/** Where all terminals are read into, one after the other: whoever wants to keep output copies it. */
const readMemory = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * Reads a terminal in place of node-pty's own stream, which makes garbage of every read of 4 KiB: sixteen times as much memory
 * as there is output.
 */
function readerOf(socket: Socket, onBytes: (bytes: Uint8Array) => void): Socket {
  // Node names the handle in no type, and every stream of its own has one.
  const owner = socket as unknown as { _handle: object | null };
  const handle = owner._handle;
  if (handle === null || handle === undefined) {
    socket.on('data', onBytes);
    return socket;
  }
  owner._handle = null;
  const options = {
    handle,
    manualStart: true,
    readable: true,
    writable: false,
    onread: {
      buffer: readMemory,
      callback(length: number, memory: Uint8Array) {
        onBytes(memory.subarray(0, length));
        return true;
      },
    },
  };
  // The types know handles of bound sockets only.
  const reader = new Socket(options as unknown as SocketConstructorOpts);
  // The end of a terminal is an error (EIO) to whoever reads it; the close that follows is what counts.
  reader.on('error', () => {});
  reader.resume();
  return reader;
}

/**
 * Unix. node-pty delays the exit until its socket closes or 200 ms have passed, throws away what was not read by then,
 * and spins on a full input buffer. Here the exit comes at once, the terminal is drained first even when it was
 * paused, and input waits without spinning.
 */
function unixPty(terminal: IPty, internals: UnixInternals, events: PtyEvents, scheduler: Scheduler): PtyProcess {
  let bytesRead = 0;
  const socket = readerOf(internals._socket, (bytes) => {
    bytesRead += bytes.length;
    events.onData(bytes);
  });
  // Tells node-pty that the close was reported already: its exit event then comes straight from waitpid.
  internals._emittedClose = true;
  const isOpen = () => !socket.destroyed;
  const input = new InputQueue(internals.fd, isOpen, scheduler);
  const releaseTerminal = holdTerminal(internals.ptsName);

  let ended = false;
  terminal.onExit((exit) => {
    ended = true;
    releaseTerminal();
    let told = false;
    const finish = () => {
      if (told) return;
      told = true;
      socket.destroy();
      events.onExit(exitOf(exit));
    };
    if (!isOpen()) {
      finish();
      return;
    }
    // The end of the session hangs the terminal up, so the socket closes by itself after the last byte (EIO).
    socket.once('close', finish);
    socket.resume();
    const readAtExit = bytesRead;
    const look = (before: number) => {
      scheduler.after(HOST_LIMITS.drainQuietMs, () =>
        // Timers run before reads in one turn of the loop; only a look after the reads can call it quiet.
        setImmediate(() => {
          if (told) return;
          const drained = bytesRead === before || bytesRead - readAtExit > HOST_LIMITS.drainBytes;
          if (drained) finish();
          else look(bytesRead);
        }),
      );
    };
    look(bytesRead);
  });

  return {
    pid: terminal.pid,
    write: (bytes) => input.push(bytes),
    resize: (size) => {
      if (isOpen()) terminal.resize(size.cols, size.rows);
    },
    pause: () => {
      // What an ended process left behind is bounded; pausing now would lose it.
      if (!ended) socket.pause();
    },
    resume: () => void socket.resume(),
  };
}

/**
 * Keeps the process's side of the terminal open until it ends. Without it a program that sends its stderr elsewhere
 * leaves the terminal without a user: reading ends, the descriptor is closed, and the kernel hangs up on the program.
 */
function holdTerminal(path: string): () => void {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  } catch {
    // The process has ended already and took the terminal with it: there is nothing left to hold.
    return () => {};
  }
  let held = true;
  return () => {
    if (held) closeSync(descriptor);
    held = false;
  };
}
