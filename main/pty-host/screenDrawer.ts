import { Worker } from 'node:worker_threads';
import { entryPath } from '../platform/entries.ts';
import { drawScreen } from './drawScreen.ts';

/** What the thread is asked and what it answers. It says `ready` once, before anything is asked. */
export interface DrawRequest {
  readonly id: number;
  readonly state: Uint8Array;
  readonly scrollback: number;
}
export type DrawAnswer = { readonly ready: true } | { readonly id: number; readonly drawn: string };

/** Milliseconds without a screen to draw after which the thread and its memory go. */
const IDLE_MS = 60_000;

interface Asked extends DrawRequest {
  readonly resolve: (drawn: string | null) => void;
}

/**
 * Draws screens in a thread of its own: a thousand lines take ten milliseconds and more, for which every other terminal would
 * stand still. The thread is started when the first screen is asked for.
 */
export class ScreenDrawer {
  readonly #entry: string;
  readonly #onFault: (error: unknown) => void;
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | null = null;
  #ready = false;
  /** It could not be started or broke: screens are drawn here from now on. */
  #broken = false;
  #lastId = 0;
  #idle: NodeJS.Timeout | null = null;

  constructor(onFault: (error: unknown) => void, entry: string = entryPath('screen-drawer')) {
    this.#onFault = onFault;
    this.#entry = entry;
  }

  /** Whether `draw` would use the thread. Asking starts it, so that it is there for one of the next screens. */
  get isReady(): boolean {
    if (this.#worker === null && !this.#broken) this.#start();
    this.#rest();
    return this.#ready;
  }

  /** Draws a kept state, without the thread here. Null when that fails, which is told as a fault. */
  draw(state: Uint8Array, scrollback: number): Promise<string | null> {
    const worker = this.#worker;
    if (worker === null || !this.#ready) return Promise.resolve(this.#drawHere(state, scrollback));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      // Kept until the answer, should the thread break before.
      this.#asked.set(id, { id, state, scrollback, resolve });
      worker.postMessage({ id, state, scrollback } satisfies DrawRequest);
      this.#rest();
    });
  }

  #start(): void {
    let worker: Worker;
    try {
      worker = new Worker(this.#entry);
    } catch (error) {
      this.#break(error);
      return;
    }
    this.#worker = worker;
    // Neither the thread nor its end keeps the host alive.
    worker.unref();
    worker.on('message', (answer: DrawAnswer) => {
      if ('ready' in answer) {
        this.#ready = true;
        return;
      }
      this.#asked.get(answer.id)?.resolve(answer.drawn);
      this.#asked.delete(answer.id);
    });
    worker.on('error', (error) => this.#break(error));
  }

  #break(error: unknown): void {
    this.#broken = true;
    this.#ready = false;
    this.#worker = null;
    this.#onFault(error);
    for (const { state, scrollback, resolve } of this.#asked.values()) resolve(this.#drawHere(state, scrollback));
    this.#asked.clear();
  }

  #drawHere(state: Uint8Array, scrollback: number): string | null {
    try {
      return drawScreen(state, scrollback);
    } catch (error) {
      // Whoever attaches gets an empty screen rather than none.
      this.#onFault(error);
      return null;
    }
  }

  /** Begins the time without screens anew. */
  #rest(): void {
    if (this.#idle !== null) {
      this.#idle.refresh();
      return;
    }
    this.#idle = setTimeout(() => {
      this.#idle = null;
      if (this.#asked.size > 0) {
        this.#rest();
        return;
      }
      this.#ready = false;
      void this.#worker?.terminate();
      this.#worker = null;
    }, IDLE_MS);
    this.#idle.unref();
  }
}
