import { z } from 'zod';
import { TerminalId, Timestamp } from '../../contract/ids.ts';
import { LIMITS } from '../../contract/limits.ts';
import { RecordingSettings } from '../../contract/recordings.ts';
import { collectionTopic } from '../../contract/reducers/collection.ts';
import { AttachTerminalReply, TerminalAnchor, TerminalSize } from '../../contract/terminals.ts';
import type { Client, Contract, Handlers } from '../../contract/wire/definition.ts';
import { procedure } from '../../contract/wire/definition.ts';
import { HOST_LIMITS } from './hostLimits.ts';

/**
 * Version of the contract between engine and pty host. A host outlives the engine that started it, and updates, so it is
 * raised only when an older peer could not read the newer one: new fields are optional instead.
 */
export const PTY_HOST_PROTOCOL = 1;

const withoutZero = (text: string) => !text.includes('\0');
const Path = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path), 'must be an absolute path')
  .refine(withoutZero, 'must not contain a zero byte');

const Argument = z.string().max(HOST_LIMITS.argumentBytes).refine(withoutZero, 'must not contain a zero byte');
const Argv = z
  .array(Argument)
  .min(1)
  .max(1_000)
  .refine((argv) => argv[0] !== undefined && argv[0] !== '' && !argv[0].startsWith('-'), 'must start with a command');

/** The complete environment of a child (main/platform/childEnvironment.ts builds one); the host adds only its markers. */
const Environment = z
  .record(
    z.string().regex(/^[^=\0]+$/, 'must be a variable name'),
    z.string().max(HOST_LIMITS.argumentBytes).refine(withoutZero, 'must not contain a zero byte'),
  )
  .refine((variables) => Object.keys(variables).length <= 256, 'must hold at most 256 variables');

/** How a process ended: exactly one of `code` and `signal` is set. */
export const HostExit = z.object({
  code: z.number().int().nullable(),
  signal: z.number().int().nullable(),
  endedAt: Timestamp,
});
export type HostExit = z.infer<typeof HostExit>;

/** Content of a turn's `exit.json`, written before anybody is told of the end. */
export const ExitFile = z.object({
  pid: z.number().int(),
  code: z.number().int().nullable(),
  signal: z.number().int().nullable(),
  startedAt: Timestamp,
  endedAt: Timestamp,
});
export type ExitFile = z.infer<typeof ExitFile>;

/** One terminal as the host knows it. */
export const HostTerminal = z.object({
  id: TerminalId,
  kind: z.enum(['agent', 'shell']),
  agent: z.string().nullable(),
  title: z.string(),
  cwd: z.string(),
  createdAt: Timestamp,
  running: z.boolean(),
  /** Process of the current run, or of the last one. */
  pid: z.number().int().nullable(),
  /** Tag the current or last run was started with (a turn id). */
  tag: z.string().nullable(),
  startedAt: Timestamp.nullable(),
  /** End of the last run; null while one runs and before the first. */
  exit: HostExit.nullable(),
  size: TerminalSize,
  /** Bytes of output since the terminal was opened; reported with every change of state, else once a second. */
  bytes: z.number().nonnegative(),
});
export type HostTerminal = z.infer<typeof HostTerminal>;

export const HostInfo = z.object({
  pid: z.number().int(),
  version: z.string(),
  protocol: z.number().int(),
  projectRoot: z.string(),
  startedAt: Timestamp,
  terminals: z.number().int(),
  running: z.number().int(),
  connections: z.number().int(),
  /** Resident memory in bytes. */
  memory: z.number(),
});
export type HostInfo = z.infer<typeof HostInfo>;

/** A terminal's screen at a moment (milliseconds since the epoch): escape sequences that draw screen and scrollback. */
export const HostScreen = z.object({ at: z.number(), size: TerminalSize, snapshot: z.string() });
export type HostScreen = z.infer<typeof HostScreen>;

export const OpenTerminal = z.object({
  id: TerminalId,
  kind: z.enum(['agent', 'shell']),
  agent: z.string().nullable(),
  title: z.string().max(LIMITS.titleLength),
  cwd: Path,
  size: TerminalSize,
});
export type OpenTerminal = z.infer<typeof OpenTerminal>;

export const RunOnTerminal = z.object({
  id: TerminalId,
  argv: Argv,
  cwd: Path,
  env: Environment,
  /** Read as the process's stdin; null means `/dev/null`. */
  stdinFile: Path.nullable(),
  /** The process's stdout is appended here by the process itself; null sends it to the terminal. */
  stdoutFile: Path.nullable(),
  /** The run's raw terminal bytes (stderr and everything written to the tty) are appended here. */
  stderrFile: Path.nullable(),
  /** Where to write `ExitFile`. */
  exitFile: Path.nullable(),
  /** Name of this run, for example the turn id; also the marker by which its descendants are found. */
  tag: z.string().min(1).max(200).refine(withoutZero, 'must not contain a zero byte'),
});
export type RunOnTerminal = z.infer<typeof RunOnTerminal>;

export const ShellOnTerminal = z.object({
  id: TerminalId,
  /** Null starts the user's login shell (`SHELL` of `env`, else `/bin/sh`). */
  argv: Argv.nullable(),
  cwd: Path,
  env: Environment,
  /** Name of this run, when somebody has to know it again after a restart (an agent's conversation opened for a person). */
  tag: z.string().min(1).max(200).refine(withoutZero, 'must not contain a zero byte').optional(),
});
export type ShellOnTerminal = z.infer<typeof ShellOnTerminal>;

export const FeedTerminal = z.object({
  id: TerminalId,
  /** What the text was drawn from, for example the turn id. */
  source: z.string().min(1).max(200),
  /** The text was drawn from this range of the source: bytes, end exclusive. */
  offset: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  /** Terminal text with its own line ends (`\r\n`). */
  data: z.string().max(HOST_LIMITS.feedCharacters),
});
export type FeedTerminal = z.infer<typeof FeedTerminal>;

/**
 * `accepted` is false when the range does not start where the source's last accepted range ended; `end` says where that
 * is (0 for an unknown source), so that a restarted engine knows what is on the screen already.
 */
export const FeedReply = z.object({ accepted: z.boolean(), end: z.number().int().nonnegative() });

export const AttachHostTerminal = z.object({
  id: TerminalId,
  /** Resizes the terminal first; null keeps its size. */
  size: TerminalSize.nullable(),
  anchor: TerminalAnchor.optional(),
  /** False for a viewer that cannot type: device queries are then not left to it. */
  answers: z.boolean().optional(),
});
export type AttachHostTerminal = z.infer<typeof AttachHostTerminal>;

export const HostSignal = z.enum([
  'SIGINT',
  'SIGTERM',
  'SIGKILL',
  'SIGHUP',
  'SIGQUIT',
  'SIGSTOP',
  'SIGCONT',
  'SIGUSR1',
  'SIGUSR2',
]);
export type HostSignal = z.infer<typeof HostSignal>;

const Id = z.object({ id: TerminalId });
const Nothing = z.object({});

const procedures = {
  /** Makes a terminal, or returns the one that has this id already, unchanged. */
  'terminals.open': procedure('control', OpenTerminal, HostTerminal),
  /** Starts a turn's process; `conflict` while another process runs on the terminal. */
  'terminals.run': procedure('control', RunOnTerminal, z.object({ pid: z.number().int() })),
  /** Starts an interactive program: stdin, stdout and stderr are the terminal. */
  'terminals.shell': procedure('control', ShellOnTerminal, z.object({ pid: z.number().int() })),
  /** Draws text of ours into the terminal, exactly once per range of a source. */
  'terminals.feed': procedure('control', FeedTerminal, FeedReply),
  /** Screen, scrollback and the stream that continues them without a gap. */
  'terminals.attach': procedure('read', AttachHostTerminal, AttachTerminalReply),
  /** The screen as it is now, without a stream. */
  'terminals.screen': procedure('read', Id, HostScreen),
  'terminals.write': procedure(
    'control',
    z.object({ id: TerminalId, data: z.string().max(LIMITS.terminalWriteBytes) }),
    Nothing,
  ),
  'terminals.resize': procedure('control', z.object({ id: TerminalId, size: TerminalSize }), Nothing),
  /** Signals the process, or with `tree` every process that descends from the terminal, deepest first. Returns how many. */
  'terminals.signal': procedure(
    'control',
    z.object({ id: TerminalId, signal: HostSignal, tree: z.boolean() }),
    z.object({ signalled: z.number().int() }),
  ),
  /**
   * Stops every process of the terminal (SIGSTOP) for as long as this call lasts: when it is cancelled, its connection is
   * gone or `maxMs` are over, all of them go on (SIGCONT). So nothing stays stopped whose reason has died. Returns how many
   * were stopped; `invalidState` when nothing runs.
   */
  'terminals.freeze': procedure(
    'control',
    z.object({ id: TerminalId, maxMs: z.number().int().min(1).max(HOST_LIMITS.freezeMs) }),
    z.object({ stopped: z.number().int() }),
  ),
  /**
   * SIGINT to the process alone when `interruptMs` gives it time to end by itself, SIGTERM to what is left of the tree,
   * SIGKILL to what is left after `graceMs`, then looks. `survivors` is empty when all are gone.
   */
  'terminals.terminate': procedure(
    'control',
    z.object({
      id: TerminalId,
      graceMs: z.number().int().min(0).max(20_000),
      interruptMs: z.number().int().min(0).max(20_000).optional(),
    }),
    z.object({ signalled: z.number().int(), survivors: z.array(z.number().int()) }),
  ),
  'terminals.list': procedure('read', Nothing, z.object({ terminals: z.array(HostTerminal) })),
  /** Forgets a terminal. While a process runs: `invalidState`, or with `force` the tree is terminated first. */
  'terminals.close': procedure('control', Id.extend({ force: z.boolean() }), Nothing),
  /** How much is recorded and kept; until it is called, the defaults of the contract. A host of an earlier version has no such call. */
  'recordings.configure': procedure('control', RecordingSettings, Nothing),
  /** Returns when everything written to a terminal so far (null: to all) is in the recording's files. */
  'recordings.flush': procedure('read', z.object({ id: TerminalId.nullable() }), Nothing),
  'host.info': procedure('read', Nothing, HostInfo),
  /** Ends the host. While processes run: `conflict`, or with `force` they are terminated first. */
  'host.shutdown': procedure('admin', z.object({ force: z.boolean() }), Nothing),
} as const;

const topics = {
  /** Every terminal; a change of `running` is told at once, so this is how an engine learns of exits. */
  terminals: collectionTopic(HostTerminal, (terminal) => terminal.id),
} as const;

/** The contract between an engine and the pty host of its project. */
export const ptyHostContract = {
  name: 'pty-host',
  protocol: PTY_HOST_PROTOCOL,
  procedures,
  topics,
} as const satisfies Contract;

export type PtyHostContract = typeof ptyHostContract;
export type PtyHostClient = Client<PtyHostContract>;
export type PtyHostHandlers = Handlers<PtyHostContract>;
