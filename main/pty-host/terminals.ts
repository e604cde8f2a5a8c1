import { fail, ok, type Result } from '../../contract/result.ts';
import type { Scheduler } from '../../contract/wire/channel.ts';
import { DrawnScreens } from './drawnScreens.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import { ParseTurns } from './parseTurns.ts';
import { type TreeName, terminateTree } from './processSignals.ts';
import type { HostTerminal, OpenTerminal } from './protocol.ts';
import { ReadTurns } from './readTurns.ts';
import type { RecordingDesk } from './recording/desk.ts';
import { ScreenDrawer } from './screenDrawer.ts';
import { createTaskQueue } from './taskQueue.ts';
import { type HostLog, Terminal } from './terminal.ts';

export interface TerminalsOptions {
  readonly scheduler: Scheduler;
  readonly log: HostLog;
  /** Value of the `OVERSTORY_HOST` marker: which project's host a process belongs to. */
  readonly hostKey: string;
  readonly recordings: RecordingDesk;
  publish(put: readonly HostTerminal[], remove: readonly string[]): void;
}

/** All terminals of the host. */
export class Terminals {
  readonly #options: TerminalsOptions;
  readonly #byId = new Map<string, Terminal>();
  readonly #serializeQueue = createTaskQueue();
  readonly #parseTurns = new ParseTurns();
  readonly #readTurns: ReadTurns;
  readonly #screenDrawer: ScreenDrawer;
  readonly #drawnScreens = new DrawnScreens(HOST_LIMITS.drawnCharacters);
  readonly #withOutput = new Set<string>();
  #reporting = false;

  constructor(options: TerminalsOptions) {
    this.#options = options;
    this.#readTurns = new ReadTurns(options.scheduler);
    this.#screenDrawer = new ScreenDrawer((error) =>
      options.log('error', 'screens are drawn without their own thread', { error: String(error) }),
    );
  }

  get recordings(): RecordingDesk {
    return this.#options.recordings;
  }

  /** Brings the recording of one terminal, or of all, up to date on the disk. */
  async flushRecordings(id: string | null): Promise<void> {
    const one = id === null ? undefined : this.#byId.get(id);
    const all = id === null ? [...this.#byId.values()] : one === undefined ? [] : [one];
    await Promise.all(all.map((terminal) => terminal.flushRecording()));
  }

  get size(): number {
    return this.#byId.size;
  }

  get running(): number {
    let count = 0;
    for (const terminal of this.#byId.values()) if (terminal.running) count += 1;
    return count;
  }

  rows(): readonly HostTerminal[] {
    return [...this.#byId.values()].map((terminal) => terminal.row());
  }

  /** Makes a terminal, or returns the one that has this id. */
  open(input: OpenTerminal): Result<HostTerminal> {
    const existing = this.#byId.get(input.id);
    if (existing !== undefined) return ok(existing.row());
    if (this.#byId.size >= HOST_LIMITS.terminals) {
      return fail('capacity', `${HOST_LIMITS.terminals} terminals are open; close some that have ended`);
    }
    const terminal = new Terminal(input, {
      scheduler: this.#options.scheduler,
      log: this.#options.log,
      parseTurns: this.#parseTurns,
      readTurns: this.#readTurns,
      screenDrawer: this.#screenDrawer,
      drawnScreens: this.#drawnScreens,
      serializeQueue: this.#serializeQueue,
      recordings: this.#options.recordings,
      onChange: () => this.#changed(input.id),
      onOutput: () => this.#output(input.id),
    });
    this.#byId.set(input.id, terminal);
    this.#changed(input.id);
    return ok(terminal.row());
  }

  get(id: string): Result<Terminal> {
    const terminal = this.#byId.get(id);
    return terminal === undefined
      ? fail('notFound', `there is no terminal ${id}; it may have been closed`)
      : ok(terminal);
  }

  /** How the processes of a terminal are found. */
  treeOf(id: string, terminal: Terminal): TreeName {
    return {
      leader: terminal.leader,
      leaderRuns: () => terminal.running,
      markers: Object.entries(terminalMarkers(this.#options.hostKey, id, null)).map(
        ([name, value]) => `${name}=${value}`,
      ),
    };
  }

  /** Ends the tree of a terminal and waits, a bounded time, until its end has been told. */
  async terminate(
    id: string,
    graceMs: number,
    interruptMs = 0,
  ): Promise<Result<{ readonly signalled: number; readonly survivors: number[] }>> {
    const found = this.get(id);
    if (!found.ok) return found;
    const terminal = found.value;
    // An interactive shell ignores SIGTERM; a terminal that goes away is what SIGHUP is for.
    const signal = terminal.interactive ? 'SIGHUP' : 'SIGTERM';
    const { signalled, survivors } = await terminateTree(this.treeOf(id, terminal), { interruptMs, signal, graceMs });
    await Promise.race([
      terminal.ended(),
      new Promise<void>((resolve) => this.#options.scheduler.after(HOST_LIMITS.killWaitMs, resolve)),
    ]);
    return ok({ signalled, survivors: [...survivors] });
  }

  async close(id: string, force: boolean): Promise<Result<Record<string, never>>> {
    const found = this.get(id);
    if (!found.ok) return found;
    if (found.value.running && !force) {
      return fail('invalidState', `a process runs on terminal ${id}; stop it first, or close with force`);
    }
    if (force) {
      const ended = await this.terminate(id, HOST_LIMITS.closeGraceMs);
      if (!ended.ok) return ended;
      if (ended.value.survivors.length > 0) {
        return fail('invalidState', `processes ${ended.value.survivors.join(', ')} of terminal ${id} cannot be ended`);
      }
    }
    found.value.close();
    this.#byId.delete(id);
    this.#withOutput.delete(id);
    this.#options.publish([], [id]);
    // Whoever closed it may read its whole recording.
    await found.value.flushRecording();
    return ok({});
  }

  /** Ends every process, for a forced shutdown. */
  async terminateAll(): Promise<void> {
    await Promise.all([...this.#byId.keys()].map((id) => this.terminate(id, HOST_LIMITS.closeGraceMs)));
  }

  #changed(id: string): void {
    const terminal = this.#byId.get(id);
    if (terminal === undefined) return;
    this.#withOutput.delete(id);
    this.#options.publish([terminal.row()], []);
  }

  /** Byte counts are told once a second, all together: telling each output would flood the topic. */
  #output(id: string): void {
    this.#withOutput.add(id);
    if (this.#reporting) return;
    this.#reporting = true;
    this.#options.scheduler.after(HOST_LIMITS.bytesReportMs, () => {
      this.#reporting = false;
      const rows: HostTerminal[] = [];
      for (const changed of this.#withOutput) {
        const terminal = this.#byId.get(changed);
        if (terminal !== undefined) rows.push(terminal.row());
      }
      this.#withOutput.clear();
      if (rows.length > 0) this.#options.publish(rows, []);
    });
  }
}

/**
 * Variables that mark every process of a terminal, whatever session it moves to. With the project's key, because two
 * projects may have agents of the same name.
 */
export function terminalMarkers(hostKey: string, id: string, tag: string | null): Readonly<Record<string, string>> {
  return {
    OVERSTORY_HOST: hostKey,
    OVERSTORY_TERMINAL: id,
    ...(tag === null ? {} : { OVERSTORY_TURN: tag }),
  };
}
