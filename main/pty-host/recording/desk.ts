import { DEFAULT_RECORDINGS, type RecordingSettings } from '../../../contract/recordings.ts';
import type { OpenTerminal } from '../protocol.ts';
import { createTaskQueue } from '../taskQueue.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';
import { dropSegment, readShelf, segmentsToDrop } from './shelf.ts';

export interface RecordingDeskOptions {
  /** Folder of all recordings of the project. */
  readonly folder: string;
  /** Milliseconds since the epoch. */
  now(): number;
  log(level: 'warn' | 'error', message: string, data?: Readonly<Record<string, unknown>>): void;
}

/** All recordings of a host: who records, by which settings, and what is dropped when there is too much. */
export class RecordingDesk {
  readonly #options: RecordingDeskOptions;
  readonly #tidying = createTaskQueue();
  /** Path of the segment each terminal's recorder writes. */
  readonly #open = new Map<string, string>();
  #settings: RecordingSettings = DEFAULT_RECORDINGS;
  #asked = false;

  constructor(options: RecordingDeskOptions) {
    this.#options = options;
  }

  /** A recorder for a terminal of this life of it. */
  recorder(terminal: OpenTerminal, epoch: string, screen: Pick<RecorderOptions, 'capture' | 'parsed'>): Recorder {
    const { folder, now, log } = this.#options;
    return new Recorder({
      folder,
      terminal,
      epoch,
      size: terminal.size,
      now,
      isEnabled: () => this.#settings.enabled,
      ...screen,
      onSegment: (base) => {
        this.#open.set(terminal.id, base);
        this.#tidy();
      },
      onFault: (error) => log('error', 'terminal cannot be recorded', { terminal: terminal.id, error: String(error) }),
    });
  }

  configure(settings: RecordingSettings): void {
    this.#settings = settings;
    this.#tidy();
  }

  /** A terminal is closed: its last segment may be dropped like any other. */
  forget(terminalId: string): void {
    this.#open.delete(terminalId);
  }

  /** Looks once, however often it is asked meanwhile. */
  #tidy(): void {
    if (this.#asked) return;
    this.#asked = true;
    void this.#tidying(async () => {
      this.#asked = false;
      const { folder, now, log } = this.#options;
      try {
        const open = new Set(this.#open.values());
        const segments = await readShelf(folder);
        for (const segment of segmentsToDrop(segments, (base) => open.has(base), this.#settings, now()))
          await dropSegment(segment.base);
      } catch (error) {
        // Too much on the disk is looked at again with the next segment; no agent waits for it.
        log('warn', 'recordings cannot be tidied', { error: String(error) });
      }
    });
  }
}
