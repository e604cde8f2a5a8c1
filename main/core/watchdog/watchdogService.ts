import { type Clock, timestamp } from '../../platform/clock.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../engineLog.ts';
import type { TurnEngine } from '../turns/turnEngine.ts';

/**
 * Milliseconds without any event of a running turn until it counts as stalled (spec 01 §2.1). An announced retry delay
 * of the runtime extends it: real-agents.md shows silences of 40 s that are healthy.
 */
const STALL_MS = 600_000;

export interface WatchdogOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly config: () => Config;
  readonly engine: TurnEngine;
  readonly agents: () => number;
  readonly onTick: () => void;
}

export interface Watchdog {
  readonly status: () => { readonly lastTickAt: string | null; readonly agents: number; readonly verdicts: number };
  start(): void;
  stop(): void;
}

/**
 * Looks after running turns once an interval: a process that is gone without anybody having been told is settled, a turn
 * that shows no event for the stall limit is ended and tried again. Ticks never overlap (D-08), and it reads only.
 */
export function createWatchdog(options: WatchdogOptions): Watchdog {
  let timer: NodeJS.Timeout | null = null;
  let lastTickAt: string | null = null;
  let verdicts = 0;
  let ticking = false;

  async function tick(): Promise<void> {
    if (ticking) return;
    ticking = true;
    try {
      await options.engine.reconcile();
      const now = options.clock.now();
      for (const active of options.engine.activeTurns()) {
        if (active.endedBy !== null || now - Math.max(active.lastEventAt, active.quietUntil) < STALL_MS) continue;
        verdicts += 1;
        options.log('warn', 'turn shows no sign of life, ending it', {
          turn: active.turn.turnId,
          silentMs: now - active.lastEventAt,
        });
        await options.engine.interrupt(active.turn.agentName, 'stall');
      }
      lastTickAt = timestamp(now);
      options.onTick();
    } catch (error) {
      options.log('error', 'watchdog tick failed', { error: error instanceof Error ? error.stack : String(error) });
    } finally {
      ticking = false;
    }
  }

  return {
    status: () => ({ lastTickAt, agents: options.agents(), verdicts }),
    start() {
      if (!options.config().watchdog.tier0Enabled) return;
      void tick();
      timer = setInterval(() => void tick(), options.config().watchdog.tier0IntervalMs);
      timer.unref();
    },
    stop() {
      if (timer !== null) clearInterval(timer);
    },
  };
}
