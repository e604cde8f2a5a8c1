import { LIMITS } from '../../contract/limits.ts';
import type { Scheduler } from '../../contract/wire/channel.ts';
import type { StreamWriter } from '../../contract/wire/definition.ts';
import { HOST_LIMITS } from './hostLimits.ts';
import type { OutputRing } from './outputRing.ts';

/** Where a viewer begins. */
export interface ViewerStart {
  readonly offset: number;
  /** Bytes before this offset were written before it came: it sees them again, or for the first time, but late. */
  readonly replayEnd: number;
  /** Whether device queries in what it is sent are its to answer. */
  readonly answers: boolean;
}

/**
 * One attached stream. It reads from the terminal's ring at its own position as far as its window allows, so nothing is
 * queued for it twice. A viewer too far behind holds the pty back, but only for a while: then its stream ends with
 * `lagging` and it attaches afresh.
 */
export class Viewer {
  /** Whether device queries in what it is sent are its to answer. */
  readonly answers: boolean;
  readonly #writer: StreamWriter;
  readonly #ring: OutputRing;
  readonly #scheduler: Scheduler;
  readonly #onChange: () => void;
  readonly #replayEnd: number;
  #position: number;
  #open = true;
  #over = false;
  #cancelHold: (() => void) | null = null;
  /** Its position when it last began to hold the pty. */
  #heldAt = 0;

  /** @param onChange called when it caught up, or ended: the terminal then looks again who holds its pty. */
  constructor(writer: StreamWriter, start: ViewerStart, ring: OutputRing, scheduler: Scheduler, onChange: () => void) {
    this.answers = start.answers;
    this.#writer = writer;
    this.#position = start.offset;
    this.#replayEnd = start.replayEnd;
    this.#ring = ring;
    this.#scheduler = scheduler;
    this.#onChange = onChange;
  }

  /** Begins sending. Apart from the constructor, because a stream that is over already says so at once. */
  start(): void {
    this.#writer.onDrain(() => {
      this.#open = true;
      this.pump();
      this.#onChange();
    });
    this.#writer.onClose(() => this.#finish());
    this.pump();
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** True until it has consumed what was written before it came; answers to queries in there came from somebody else already. */
  get isReplaying(): boolean {
    return !this.#over && this.#writer.acknowledged < this.#replayEnd;
  }

  /** True while the pty has to wait for this viewer. */
  get holds(): boolean {
    return !this.#over && this.#ring.total - this.#position > HOST_LIMITS.viewerLagBytes;
  }

  /** Sends what the window allows. */
  pump(): void {
    while (this.#open && !this.#over && this.#position < this.#ring.total) {
      const bytes = this.#ring.view(this.#position, LIMITS.outputBatchBytes);
      if (bytes === null) {
        this.end('lagging');
        return;
      }
      this.#position += bytes.length;
      this.#open = this.#writer.write(bytes);
    }
    // Not as soon as it holds no more: whoever creeps would begin to hold again and again.
    if (this.#position - this.#heldAt >= HOST_LIMITS.viewerStepBytes) this.#release();
    if (!this.holds || this.#cancelHold !== null) return;
    this.#heldAt = this.#position;
    this.#cancelHold = this.#scheduler.after(HOST_LIMITS.viewerHoldMs, () => this.end('lagging'));
  }

  /** Ends the stream with a reason for the viewer. */
  end(reason: string): void {
    if (this.#over) return;
    this.#writer.end(reason);
    this.#finish();
  }

  #release(): void {
    this.#cancelHold?.();
    this.#cancelHold = null;
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#release();
    this.#onChange();
  }
}
