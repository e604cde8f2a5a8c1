import type { Clock } from '../../platform/clock.ts';
import { timestamp } from '../../platform/clock.ts';
import { neutralise } from '../../platform/neutralText.ts';
import type { Log } from '../engineLog.ts';
import type { MeterReading, TurnMeter } from '../metrics/turnMeter.ts';
import type { AgentEvent, RuntimeAdapter, TurnParser } from '../runtimes/adapter.ts';
import { type LogLine, LogTail } from './logTail.ts';
import { detectMailPoll } from './mailPoll.ts';
import { describeToolUse, drawEvent } from './transcript.ts';
import { mailPolled, resumeMismatch, toTurnEvent, toTurnPatch } from './turnEvents.ts';
import type { TurnFiles } from './turnFiles.ts';
import type { EndedBy } from './turnOutcome.ts';
import type { Turn, TurnEvent, TurnLine } from './turnRow.ts';
import type { TurnStore } from './turnStore.ts';

type ResultEvent = Extract<AgentEvent, { type: 'result' }>;
type RetryEvent = Extract<AgentEvent, { type: 'retry' }>;

/** Milliseconds a retry takes that is announced without a delay: codex waits up to about this long (real-agents.md §7). */
const UNSAID_DELAY_MS = 30_000;
/** Messages of `error` events kept for the verdict on the turn's end. */
const ERRORS_KEPT = 20;

/** A silence the runtime has announced: it waits before it asks its model again, and nothing is wrong meanwhile. */
export interface AnnouncedRetry {
  /** Milliseconds since the epoch, for a person to read; what is judged is `quiet`. */
  readonly until: number;
  readonly event: RetryEvent;
}

/** What a running turn needs from the engine around it. */
export interface ActiveTurnOptions {
  readonly turn: Turn;
  readonly files: TurnFiles;
  readonly createParser: RuntimeAdapter['createParser'];
  readonly createMeter: (conversationId: () => string | null) => TurnMeter;
  readonly turns: Pick<TurnStore, 'commitLines'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Draws text into the agent's terminal; ranges are bytes of the log. */
  readonly feed: (offset: number, end: number, data: string) => void;
  /** Called after every commit with the events it stored. */
  readonly onEvents: (events: readonly AgentEvent[]) => void;
  /** Called once when rows could not be written: the turn has to be taken over anew from its committed offset. */
  readonly onFailed: () => void;
}

/**
 * Follows one running turn: log lines become rows and the new offset in one transaction, then state in memory, then text
 * in the terminal. Whatever crashes in between, the next engine continues from the committed offset: each line is stored
 * exactly once (architecture.md §2.5).
 */
export class ActiveTurn {
  readonly #options: ActiveTurnOptions;
  readonly #tail: LogTail;
  readonly #parser: TurnParser;
  readonly #meter: TurnMeter;
  #failed = false;
  /** The last result event, null until there is one. */
  result: ResultEvent | null = null;
  eventCount = 0;
  /** What the turn did last, in plain words. */
  doing: string | null = null;
  conversationId: string | null;
  /** Milliseconds since the epoch of the newest event. */
  lastEventAt: number;
  /** Set from an announced retry until the next event of another kind. */
  announced: AnnouncedRetry | null = null;
  /** The newest announced retry, however long ago. */
  lastRetry: RetryEvent | null = null;
  /**
   * The newest announced silence: which one of the turn it is, and how long it lasts (milliseconds). No time of day, which a
   * sleeping machine would move past it; null when there was none.
   */
  quiet: { readonly count: number; readonly forMs: number } | null = null;
  /** Messages of the newest `error` events. */
  readonly errors: string[] = [];
  /** Reports the agent had sent before this turn; null when an earlier engine began it. */
  reportsBefore: number | null = null;
  /** Set when the engine itself ends the turn. */
  endedBy: EndedBy | null = null;

  constructor(options: ActiveTurnOptions) {
    this.#options = options;
    this.#parser = options.createParser();
    this.#meter = options.createMeter(() => this.conversationId);
    this.conversationId = options.turn.conversationId;
    this.lastEventAt = options.clock.now();
    this.#tail = new LogTail({
      path: options.files.stdout,
      offset: options.turn.logOffset,
      take: (lines, end) => this.#take(lines, end),
      onError: (error) => this.#fail(error),
    });
  }

  /** Byte offset up to which the log is stored. */
  get storedTo(): number {
    return this.#tail.committed;
  }

  get turn(): Turn {
    return this.#options.turn;
  }

  /** True when rows could not be written: the turn then has to be adopted anew from its committed offset. */
  get failed(): boolean {
    return this.#failed;
  }

  start(): void {
    this.#tail.start();
  }

  /** Looks for new lines at once, for callers who know that something happened. */
  poke(): void {
    this.#tail.poke();
  }

  /** What the turn has used so far; null while it has told nothing. */
  get used(): MeterReading | null {
    return this.#meter.read();
  }

  /** Reads the rest of the log of an ended process. */
  async finish(): Promise<void> {
    await this.#tail.finish();
    if (this.#failed) throw new Error('the end of the log could not be stored');
    const rest = this.#parser.end();
    if (rest.length > 0) this.#remember(rest);
  }

  /** Stops following without ending anything, for shutdown. */
  async detach(): Promise<void> {
    await this.#tail.stop();
  }

  /**
   * Rebuilds state and terminal text of the part of the log that is stored already, after a restart of the engine.
   * @param drawnTo byte offset up to which the terminal shows this turn.
   */
  async replay(drawnTo: number): Promise<void> {
    await this.#walk(this.#parser, drawnTo, (events, line) => {
      this.#meter.push(line.text, events);
      this.#remember(events);
    });
  }

  /**
   * Draws what the terminal lacks of the stored part, after a pty host was lost. No new line is taken meanwhile.
   * @param drawnTo asked when no line is being taken: byte offset up to which the terminal shows this turn.
   */
  async redraw(drawnTo: () => Promise<number>): Promise<void> {
    await this.#tail.between(async () => {
      const from = await drawnTo();
      if (from < this.storedTo) await this.#walk(this.#options.createParser(), from, () => {});
    });
  }

  /** Reads the stored lines once more from the start, as parsers need, and draws those at or after an offset. */
  async #walk(
    parser: TurnParser,
    drawnTo: number,
    see: (events: readonly AgentEvent[], line: LogLine) => void,
  ): Promise<void> {
    if (this.storedTo === 0) return;
    let broken: unknown = null;
    const reader = new LogTail({
      path: this.#options.files.stdout,
      offset: 0,
      until: this.storedTo,
      take: (lines, end) => {
        const drawn: string[] = [];
        let first: number | null = null;
        for (const line of lines) {
          const events = this.#parse(parser, line);
          see(events, line);
          if (line.offset < drawnTo) continue;
          first ??= line.offset;
          drawn.push(events.map(drawEvent).join(''));
        }
        if (first !== null) this.#options.feed(first, end, drawn.join(''));
      },
      onError: (error) => {
        broken = error;
      },
    });
    await reader.finish();
    if (broken !== null) throw broken;
  }

  #take(lines: readonly LogLine[], end: number): void {
    if (this.#failed) return;
    const { turn, turns, clock } = this.#options;
    const at = timestamp(clock.now());
    const all: AgentEvent[] = [];
    const drawn: string[] = [];
    const rows: TurnLine[] = lines.map((line) => {
      const events = this.#parse(this.#parser, line);
      all.push(...events);
      this.#meter.push(line.text, events);
      drawn.push(events.map(drawEvent).join(''));
      return { offset: line.offset, length: line.length, events: events.flatMap((event) => this.#rowsOf(event, at)) };
    });
    const first = lines[0]?.offset ?? end;
    const committed = turns.commitLines(turn.turnId, first, end, rows, {
      ...toTurnPatch(all, at),
      ...this.#meter.read()?.tokens,
    });
    if (!committed.ok) {
      this.#fail(committed.error.message);
      return;
    }
    this.#remember(all);
    this.#options.feed(first, end, drawn.join(''));
    this.#options.onEvents(all);
  }

  /** A line no parser can take is an event of its own: whatever a runtime prints, the turn goes on. */
  #parse(parser: TurnParser, line: LogLine): readonly AgentEvent[] {
    try {
      return parser.push(line.text);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.log('error', 'line of a turn could not be read', {
        turn: this.#options.turn.turnId,
        offset: line.offset,
        error: message,
      });
      return [{ type: 'error', message: `line at byte ${line.offset} could not be read: ${message}` }];
    }
  }

  #rowsOf(event: AgentEvent, at: string): TurnEvent[] {
    const { turn } = this.#options;
    const owner = { agentName: turn.agentName, runId: turn.runId, conversationId: this.conversationId };
    const rows: TurnEvent[] = [];
    if (event.type === 'tool_use' && event.name === 'Bash') {
      const poll = detectMailPoll(event.input.command);
      if (poll !== null) rows.push(mailPolled(owner, poll, String(event.input.command), at));
    }
    rows.push(toTurnEvent(event, owner, at));
    const observed = event.type === 'status' || event.type === 'result' ? event.sessionId : null;
    if (observed !== null && this.conversationId === null) {
      this.conversationId = observed;
      if (turn.resumeId !== null && turn.resumeId !== observed)
        rows.push(resumeMismatch(owner, turn.resumeId, observed, at));
    }
    return rows;
  }

  #remember(events: readonly AgentEvent[]): void {
    if (events.length > 0) this.lastEventAt = this.#options.clock.now();
    for (const event of events) {
      this.eventCount += 1;
      if (event.type !== 'retry') this.announced = null;
      switch (event.type) {
        case 'status':
        case 'result':
          if (event.sessionId !== null) this.conversationId = event.sessionId;
          if (event.type === 'result') this.result = event;
          break;
        case 'tool_use':
          this.doing = describeToolUse(event.name, event.input);
          break;
        case 'assistant_message':
          this.doing = neutralise(event.text).trim().split('\n')[0]?.slice(0, 160) ?? null;
          break;
        case 'retry':
          this.quiet = {
            count: (this.quiet?.count ?? 0) + 1,
            forMs: event.delayMs > 0 ? event.delayMs : UNSAID_DELAY_MS,
          };
          this.announced = { until: this.#options.clock.now() + this.quiet.forMs, event };
          this.lastRetry = event;
          this.doing =
            event.status === 401 ? 'its account is refused (401)' : `waits for a retry (${neutralise(event.error)})`;
          break;
        case 'error':
          this.errors.push(event.message);
          if (this.errors.length > ERRORS_KEPT) this.errors.shift();
          break;
        case 'tool_result':
        case 'other':
          break;
      }
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.log('error', 'turn log could not be stored', {
      turn: this.#options.turn.turnId,
      error: error instanceof Error ? error.stack : error,
    });
    this.#options.onFailed();
  }
}
