/** What a bench child process is asked over its message channel, and what it answers. */

/** Event-loop delay beyond the sampling interval, milliseconds. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Milliseconds of each read of the agents, by way of reading. */
export interface ReadTimes {
  /** The topic's snapshot over an in-process channel: what every face gets. */
  readonly snapshot: readonly number[];
  /** All agents built anew from the stores. */
  readonly rebuild: readonly number[];
  /** One agent built anew from the stores, with its parent's facts, as after each of its events. */
  readonly one: readonly number[];
  /** What a status bar is made of. */
  readonly status: readonly number[];
  /** All session rows by one plain SQL statement. */
  readonly plain: readonly number[];
}

export interface EngineAnswers {
  /** A one-time link to the browser room. */
  readonly link: { readonly url: string };
  readonly loopStart: Record<string, never>;
  readonly loopStop: LoopDelay;
  readonly reads: ReadTimes;
  /** Programs this process has started since the last question. */
  readonly spawned: { readonly programs: readonly string[] };
}

export type EngineQuestion = { readonly id: number; readonly ask: keyof EngineAnswers; readonly rounds?: number };

/** First message of a child that is ready for work. */
export interface Ready {
  readonly ready: true;
  readonly info?: unknown;
}

/** Resolution of the delay monitors in milliseconds; it is part of every sample and taken off again. */
export const LOOP_RESOLUTION_MS = 2;
