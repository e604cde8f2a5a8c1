import { randomUUID } from 'node:crypto';
import { LIMITS } from '../../contract/limits.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { AttachTerminalReply, TerminalSize } from '../../contract/terminals.ts';
import type { Scheduler } from '../../contract/wire/channel.ts';
import type { StreamWriter } from '../../contract/wire/definition.ts';
import { timestamp } from '../platform/clock.ts';
import { DuplicateAnswers, isAllowedAnswer } from './deviceAnswers.ts';
import type { DrawnScreens } from './drawnScreens.ts';
import { FeedSources } from './feedSources.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { OutputBatcher } from './outputBatcher.ts';
import { OutputRing } from './outputRing.ts';
import type { ParseTurns } from './parseTurns.ts';
import type { AttachHostTerminal, HostExit, HostScreen, HostTerminal, OpenTerminal } from './protocol.ts';
import { type PtyProcess, startPty } from './ptyProcess.ts';
import type { ReadTurns } from './readTurns.ts';
import type { RecordingDesk } from './recording/desk.ts';
import type { Recorder } from './recording/recorder.ts';
import { writeExitFile } from './runFiles.ts';
import type { ScreenDrawer } from './screenDrawer.ts';
import { ScreenModel } from './screenModel.ts';
import { streamStart } from './streamStart.ts';
import type { TaskQueue } from './taskQueue.ts';
import { openTerminalLog, type TerminalLog } from './terminalLog.ts';
import { Viewer } from './viewer.ts';

export type HostLog = (level: 'warn' | 'error', message: string, data?: Readonly<Record<string, unknown>>) => void;

export interface TerminalServices {
  readonly scheduler: Scheduler;
  readonly log: HostLog;
  /** Shared by all terminals: their screens are parsed in turn. */
  readonly parseTurns: ParseTurns;
  /** Shared by all terminals: those that flood are read in turn. */
  readonly readTurns: ReadTurns;
  /** Shared by all terminals: one screen is serialised at a time. */
  readonly serializeQueue: TaskQueue;
  /** Draws the screens of all terminals. */
  readonly screenDrawer: ScreenDrawer;
  readonly drawnScreens: DrawnScreens;
  readonly recordings: RecordingDesk;
  /** The row changed in a way worth telling at once. */
  onChange(): void;
  /** There was output. */
  onOutput(): void;
}

/** A process to start, with everything decided. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly tag: string | null;
  readonly stderrFile: string | null;
  readonly exitFile: string | null;
  /** A person types to it: it ends as when its terminal goes away. */
  readonly interactive?: boolean;
}

interface Run {
  readonly pty: PtyProcess;
  readonly tag: string | null;
  readonly startedAt: string;
  readonly interactive: boolean;
  readonly ended: Promise<void>;
}

/** One terminal: its bytes, its screen, who watches, and the process that runs on it, one at a time. */
export class Terminal {
  readonly #opened: OpenTerminal;
  readonly #services: TerminalServices;
  readonly #createdAt: string;
  readonly #epoch = randomUUID();
  readonly #ring = new OutputRing(LIMITS.ringBytes);
  readonly #batcher: OutputBatcher;
  readonly #model: ScreenModel;
  readonly #recorder: Recorder;
  readonly #feeds = new FeedSources();
  readonly #duplicates = new DuplicateAnswers(HOST_LIMITS.duplicateAnswerMs);
  readonly #viewers = new Set<Viewer>();
  /** Viewers whose stream position is fixed while their snapshot is still being made: queries from there on are theirs. */
  #arriving = 0;
  /** Where the snapshot ends that is being drawn for a viewer: what comes behind it has to stay in the ring. */
  #drawnTo: number | null = null;
  #size: TerminalSize;
  #run: Run | null = null;
  #starting = false;
  #paused = false;
  /** Somebody who is behind holds the pty. */
  #held = false;
  /** Bytes read since it last waited for its turn. */
  #taken = 0;
  #waitsForTurn = false;
  readonly #onTurn = (): void => {
    this.#waitsForTurn = false;
    this.#reviewFlow();
  };
  #log: TerminalLog | null = null;
  #lastRun: { readonly pid: number; readonly tag: string | null; readonly startedAt: string } | null = null;
  #exit: HostExit | null = null;
  #closed = false;

  constructor(opened: OpenTerminal, services: TerminalServices) {
    this.#opened = opened;
    this.#services = services;
    this.#size = opened.size;
    this.#createdAt = timestamp(services.scheduler.now());
    this.#batcher = new OutputBatcher(
      { maxBytes: LIMITS.outputBatchBytes, maxMs: LIMITS.outputBatchMs },
      services.scheduler,
      (bytes) => this.#append(bytes, this.#modelAnswers()),
    );
    this.#model = new ScreenModel(
      opened.size,
      LIMITS.screenScrollback,
      services.parseTurns,
      {
        onAnswer: (data) => {
          if (isAllowedAnswer(data)) this.#run?.pty.write(Buffer.from(data));
        },
        onParsed: () => this.#reviewFlow(),
        onFault: (error) => services.log('error', 'screen model failed', { terminal: opened.id, error: String(error) }),
      },
      services.screenDrawer,
    );
    this.#recorder = services.recordings.recorder(opened, this.#epoch, {
      capture: () => this.#model.capture(),
      parsed: () => this.#model.parsed,
    });
  }

  get running(): boolean {
    return this.#run !== null || this.#starting;
  }

  /** True while a program runs that a person types to. */
  get interactive(): boolean {
    return this.#run?.interactive === true;
  }

  /** Pid of the process, or of the last one; also the id of its session. */
  get leader(): number | null {
    return this.#lastRun?.pid ?? null;
  }

  row(): HostTerminal {
    const { id, kind, agent, title, cwd } = this.#opened;
    return {
      id,
      kind,
      agent,
      title,
      cwd,
      createdAt: this.#createdAt,
      running: this.#run !== null,
      pid: this.#lastRun?.pid ?? null,
      tag: this.#lastRun?.tag ?? null,
      startedAt: this.#lastRun?.startedAt ?? null,
      exit: this.#exit,
      size: this.#size,
      bytes: this.#ring.total,
    };
  }

  /** Starts a process; `prepare` runs while the terminal is already taken, so two starts cannot meet. */
  async start(launch: Launch, prepare: () => Promise<Result<void>>): Promise<Result<{ readonly pid: number }>> {
    if (this.running) {
      return fail('conflict', `a process already runs on terminal ${this.#opened.id}; wait for its end or stop it`);
    }
    this.#starting = true;
    try {
      const prepared = await prepare();
      if (!prepared.ok) return prepared;
      const log = launch.stderrFile === null ? null : await this.#openLog(launch.stderrFile);
      if (this.#closed) {
        await log?.finish(HOST_LIMITS.logFlushMs);
        return fail('cancelled', `terminal ${this.#opened.id} was closed before its process started`);
      }
      return this.#spawn(launch, log);
    } finally {
      this.#starting = false;
    }
  }

  /** Text of ours, in order with the process's output (spec: engine draws the transcript). */
  feed(
    source: string,
    offset: number,
    end: number,
    data: string,
  ): { readonly accepted: boolean; readonly end: number } {
    const taken = this.#feeds.take(source, offset, end);
    if (taken.accepted && data !== '') {
      this.#batcher.flush();
      // Our own text asks nothing of a terminal: a query in it must not become input of the process.
      this.#append(Buffer.from(data), false);
    }
    return taken;
  }

  /** Input from a viewer. */
  write(data: string): Result<Record<string, never>> {
    if (this.#run === null) {
      return fail('invalidState', `no process runs on terminal ${this.#opened.id}, so there is nobody to type to`);
    }
    const watching = [...this.#viewers];
    const replayed = isAllowedAnswer(data) && watching.some((viewer) => viewer.isReplaying);
    if (replayed || this.#duplicates.isDuplicate(data, watching.length, this.#services.scheduler.now())) return ok({});
    if (!isAllowedAnswer(data)) this.#services.readTurns.typed(this.#onTurn);
    if (this.#run.pty.write(Buffer.from(data))) return ok({});
    return fail('capacity', `the process on terminal ${this.#opened.id} does not read its input; nothing was typed`);
  }

  resize(size: TerminalSize): void {
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#batcher.flush();
    this.#size = size;
    this.#services.drawnScreens.forget(this);
    this.#run?.pty.resize(size);
    this.#recorder.resized(size);
    this.#model.resize(size);
    this.#services.onChange();
  }

  /**
   * Screen and stream in one step: the stream starts exactly where the snapshot (or the given anchor) ends, whatever is
   * written meanwhile.
   */
  async attach(
    input: AttachHostTerminal,
    openStream: (startOffset: number) => StreamWriter,
    signal: AbortSignal,
  ): Promise<Result<AttachTerminalReply>> {
    if (input.size !== null) this.resize(input.size);
    this.#batcher.flush();
    const answers = input.answers ?? true;
    const { anchor } = input;
    if (anchor !== undefined && anchor.epoch === this.#epoch && this.#ring.read(anchor.offset, 0) !== null) {
      return ok(this.#join(openStream(anchor.offset), anchor.offset, answers, this.#ring.total, null));
    }
    const arriving = answers ? 1 : 0;
    return this.#services.serializeQueue(async () => {
      if (signal.aborted || this.#closed)
        return fail('cancelled', `terminal ${this.#opened.id} is not attached any more`);
      this.#batcher.flush();
      const offset = this.#ring.total;
      this.#arriving += arriving;
      this.#drawnTo = offset;
      try {
        // A model that failed has no screen to give; the viewer starts with an empty one rather than with none.
        const [place, drawn] = await Promise.all([this.#model.place(), this.#drawn(offset)]);
        const start = streamStart(this.#ring, offset, place);
        if (this.#ring.read(start, 0) === null) {
          return fail('unavailable', `terminal ${this.#opened.id} is too busy to be attached; try again`);
        }
        return ok(this.#join(openStream(start), start, answers, offset, drawn ?? ''));
      } finally {
        this.#arriving -= arriving;
        this.#drawnTo = null;
        this.#reviewFlow();
      }
    });
  }

  /** The screen as of the newest byte, which has that offset. */
  async #drawn(offset: number): Promise<string | null> {
    const { drawnScreens } = this.#services;
    const known = drawnScreens.of(this, offset);
    if (known !== null) return known;
    const size = this.#size;
    const snapshot = await this.#model.snapshot();
    // Not what was drawn for a size that is none any more.
    if (snapshot !== null && size === this.#size && !this.#closed) drawnScreens.keep(this, offset, snapshot);
    return snapshot;
  }

  /** The screen as it is, and the moment of which that is true: all output recorded up to it and none recorded later. */
  async screen(): Promise<Result<HostScreen>> {
    return this.#services.serializeQueue(async () => {
      if (this.#closed) return fail('notFound', `there is no terminal ${this.#opened.id}; it may have been closed`);
      this.#batcher.flush();
      const at = this.#recorder.moment();
      const size = this.#size;
      const snapshot = await this.#model.snapshot();
      return ok({ at, size, snapshot: snapshot ?? '' });
    });
  }

  /** Resolves when all output so far is in the recording's files. */
  async flushRecording(): Promise<void> {
    this.#batcher.flush();
    await this.#recorder.flush();
  }

  /** Resolves when the current process, if any, has ended and everybody was told. */
  async ended(): Promise<void> {
    await this.#run?.ended;
  }

  /** Ends every stream and frees the memory. The process must have ended before. */
  close(): void {
    this.#closed = true;
    this.#batcher.flush();
    for (const viewer of this.#viewers) viewer.end('closed');
    this.#viewers.clear();
    this.#model.dispose();
    this.#services.drawnScreens.forget(this);
    this.#services.readTurns.leave(this.#onTurn);
    this.#services.recordings.forget(this.#opened.id);
  }

  async #openLog(path: string): Promise<TerminalLog> {
    return openTerminalLog(path, {
      onRelief: () => this.#reviewFlow(),
      onFault: (error) =>
        this.#services.log('error', 'terminal log cannot be written', {
          terminal: this.#opened.id,
          path,
          error: String(error),
        }),
    });
  }

  #spawn(launch: Launch, log: TerminalLog | null): Result<{ readonly pid: number }> {
    const startedAt = timestamp(this.#services.scheduler.now());
    let told: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      told = resolve;
    });
    let pty: PtyProcess;
    try {
      pty = startPty(
        { file: launch.file, args: launch.args, cwd: launch.cwd, env: launch.env, size: this.#size },
        {
          onData: (bytes) => this.#onData(bytes),
          onExit: (exit) => void this.#onExit(exit, launch.exitFile).finally(told),
        },
        this.#services.scheduler,
      );
    } catch (error) {
      void log?.finish(HOST_LIMITS.logFlushMs);
      const reason = error instanceof Error ? error.message : String(error);
      return fail('unavailable', `the system cannot start a process now (${reason}); stop some agents and try again`);
    }
    this.#log = log;
    this.#run = { pty, tag: launch.tag, startedAt, interactive: launch.interactive === true, ended };
    this.#lastRun = { pid: pty.pid, tag: launch.tag, startedAt };
    this.#exit = null;
    this.#paused = false;
    this.#held = false;
    this.#batcher.flush();
    this.#recorder.mark(`started: ${launch.tag ?? launch.file}`);
    this.#services.onChange();
    return ok({ pid: pty.pid });
  }

  #onData(bytes: Uint8Array): void {
    try {
      this.#log?.append(Buffer.copyBytesFrom(bytes));
      this.#batcher.push(bytes);
      this.#taken += bytes.length;
      if (this.#taken >= HOST_LIMITS.readTurnBytes) {
        this.#taken = 0;
        this.#waitsForTurn = true;
        this.#services.readTurns.wait(this.#onTurn);
      }
      this.#reviewFlow();
    } catch (error) {
      // An exception in a data callback of a pty would end the host and every agent with it.
      this.#services.log('error', 'output was not handled', { terminal: this.#opened.id, error: String(error) });
    }
  }

  async #onExit(exit: { readonly code: number | null; readonly signal: number | null }, exitFile: string | null) {
    const run = this.#run;
    const endedAt = timestamp(this.#services.scheduler.now());
    this.#batcher.flush();
    const how = exit.signal === null ? `exit ${exit.code}` : `signal ${exit.signal}`;
    this.#recorder.mark(`ended: ${run?.tag ?? 'process'}, ${how}`);
    await this.#log?.finish(HOST_LIMITS.logFlushMs);
    this.#log = null;
    if (exitFile !== null && run !== null) {
      try {
        await writeExitFile(exitFile, { pid: run.pty.pid, ...exit, startedAt: run.startedAt, endedAt });
      } catch (error) {
        // Without the file the engine still learns the end from the topic; hiding the end would hold the agent for ever.
        const data = { terminal: this.#opened.id, path: exitFile, error: String(error) };
        this.#services.log('error', 'exit file cannot be written', data);
      }
    }
    this.#run = null;
    this.#exit = { ...exit, endedAt };
    this.#services.onChange();
  }

  /** The model answers device queries only while nobody watches who would (engineering.md 2.5: exactly one answerer). */
  #modelAnswers(): boolean {
    if (this.#arriving > 0) return false;
    for (const viewer of this.#viewers) if (viewer.answers) return false;
    return true;
  }

  #append(bytes: Uint8Array, modelAnswers: boolean): void {
    this.#ring.append(bytes);
    this.#recorder.output(bytes);
    this.#model.write(bytes, modelAnswers);
    for (const viewer of this.#viewers) viewer.pump();
    this.#services.onOutput();
    this.#reviewFlow();
  }

  #join(
    writer: StreamWriter,
    offset: number,
    answers: boolean,
    replayEnd: number,
    snapshot: string | null,
  ): AttachTerminalReply {
    const viewer: Viewer = new Viewer(
      writer,
      { offset, replayEnd, answers },
      this.#ring,
      this.#services.scheduler,
      () => {
        if (viewer.isOver) this.#viewers.delete(viewer);
        this.#reviewFlow();
      },
    );
    this.#viewers.add(viewer);
    viewer.start();
    return {
      stream: writer.stream,
      anchor: { epoch: this.#epoch, offset },
      snapshot,
      size: this.#size,
      running: this.#run !== null,
    };
  }

  /** Decides whether the pty has to wait: for its turn, for the screen model, for the log's disk, or for a viewer (for a while). */
  #reviewFlow(): void {
    const run = this.#run;
    if (run === null) return;
    const screenLimit = this.#held ? HOST_LIMITS.screenResumeBytes : HOST_LIMITS.screenBacklogBytes;
    this.#held = this.#model.owed > screenLimit || this.#log?.isFull === true;
    if (this.#drawnTo !== null) this.#held ||= this.#ring.total - this.#drawnTo > HOST_LIMITS.viewerLagBytes;
    for (const viewer of this.#viewers) this.#held ||= viewer.holds;
    const pause = this.#held || this.#waitsForTurn;
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) run.pty.pause();
    else run.pty.resume();
  }
}
