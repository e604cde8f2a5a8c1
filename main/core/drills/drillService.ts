import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { type DrillKind, type DrillsView, DrillView } from '../../../contract/drills.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { Log } from '../engineLog.ts';
import { errorLine } from '../util/files.ts';
import { DRILL_PLANS, type Modes } from './drillPlan.ts';
import { firstSteps, runDrill } from './drillRun.ts';
import { clearLeftSandboxes, drillFolder, openSandbox, type StartSandbox } from './sandboxProject.ts';

/** Setting that keeps the newest results; nothing else of a drill stays. */
const RESULTS = 'drills.results';
const RESULTS_KEPT = 10;
/** Milliseconds between two looks whether the fleet was paused meanwhile. */
const PAUSE_LOOK_MS = 500;

export interface DrillOptions {
  readonly overstoryDirectory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly control: Pick<ControlStore, 'getSetting' | 'putSetting'>;
  /** Modes of the project's own watchdog: a drill shows what would happen here. */
  readonly modes: () => Modes;
  readonly fleetPaused: () => boolean;
  readonly start: StartSandbox;
  readonly publish: (view: DrillsView) => void;
}

/** Fire drills (product.md B11): a fault is put into an agent of a sandbox, and the recovery is watched step by step. */
export interface Drills {
  view(): DrillsView;
  start(kind: DrillKind): Result<DrillView>;
  cancel(reason: string): Result<Record<string, never>>;
  /** Publishes what is known, and clears away what a killed engine left. */
  recover(): Promise<void>;
  /** Ends a drill that runs; resolves when its sandbox is gone. */
  close(): Promise<void>;
}

export function createDrills(options: DrillOptions): Drills {
  const { clock, log, control, overstoryDirectory } = options;
  const kept = z.array(DrillView).safeParse(control.getSetting(RESULTS));
  let results: readonly DrillView[] = kept.success ? kept.data : [];
  let current: DrillView | null = null;
  let running: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  let clearing: Promise<void> | null = null;
  let number = 0;

  /** Once, and before this engine's first sandbox, whoever comes first: what lies there then is a killed engine's. */
  const clearLeft = (): Promise<void> => {
    clearing ??= clearLeftSandboxes(overstoryDirectory).then(
      (left) => {
        if (left > 0) log('warn', `cleared away ${left} sandboxes of fire drills that were cut off`);
      },
      (error: unknown) => log('error', 'a sandbox of a fire drill is left', { error: errorLine(error) }),
    );
    return clearing;
  };

  const view = (): DrillsView => ({ current, results: [...results] });
  const change = (next: DrillView): void => {
    current = next;
    options.publish(view());
  };

  async function hold(first: DrillView, abort: AbortController): Promise<void> {
    let drill = first;
    const update = (more: Partial<DrillView>): void => {
      drill = { ...drill, ...more };
      change(drill);
    };
    const watch = setInterval(() => {
      if (options.fleetPaused()) abort.abort('the fleet was paused');
    }, PAUSE_LOOK_MS);
    let outcome: Result<string>;
    try {
      await clearLeft();
      outcome = await inSandbox(drill, abort.signal, update);
    } catch (error) {
      log('error', 'a fire drill broke off', { error: error instanceof Error ? error.stack : String(error) });
      outcome = fail('internal', `the drill broke off: ${errorLine(error)}`);
    } finally {
      clearInterval(watch);
    }
    const cancelled = abort.signal.aborted || (!outcome.ok && outcome.error.tag === 'cancelled');
    const ended: DrillView = {
      ...drill,
      state: cancelled ? 'cancelled' : outcome.ok ? 'passed' : 'failed',
      result: cancelled
        ? `cancelled: ${String(abort.signal.reason)}`
        : outcome.ok
          ? outcome.value
          : outcome.error.message,
      endedAt: timestamp(clock.now()),
    };
    log(ended.state === 'failed' ? 'warn' : 'info', `fire drill ${ended.kind} ${ended.state}: ${ended.result}`);
    results = [ended, ...results].slice(0, RESULTS_KEPT);
    control.putSetting(RESULTS, results);
    running = null;
    current = null;
    options.publish(view());
  }

  async function inSandbox(
    drill: DrillView,
    signal: AbortSignal,
    update: (more: Partial<DrillView>) => void,
  ): Promise<Result<string>> {
    const plan = DRILL_PLANS[drill.kind];
    const modes = options.modes();
    const sandbox = await openSandbox(overstoryDirectory, drill.id, plan, modes, options.start);
    if (!sandbox.ok) return sandbox;
    update({ state: 'running' });
    try {
      return await runDrill({
        sandbox: sandbox.value,
        agent: drill.agent,
        plan,
        modes,
        clock,
        signal,
        onProgress: ({ steps, evidence }) => update({ steps: [...steps], evidence: [...evidence] }),
      });
    } finally {
      update({ state: 'clearing' });
      await sandbox.value.dispose();
      await rm(drillFolder(overstoryDirectory), { recursive: true, force: true });
    }
  }

  return {
    view,
    start(kind) {
      if (running !== null) return fail('conflict', 'a fire drill runs already: wait for its end, or cancel it');
      if (options.fleetPaused())
        return fail('invalidState', 'the fleet is paused, so nothing starts: "ov resume" lets it go on');
      number += 1;
      const at = timestamp(clock.now());
      const drill: DrillView = {
        id: `${kind}-${at.replace(/\D/g, '')}-${number}`,
        kind,
        agent: `drill-${kind.toLowerCase()}`,
        state: 'preparing',
        startedAt: at,
        endedAt: null,
        result: null,
        steps: [...firstSteps(DRILL_PLANS[kind])],
        evidence: [],
      };
      const abort = new AbortController();
      change(drill);
      running = { abort, done: hold(drill, abort) };
      return ok(drill);
    },
    cancel(reason) {
      if (running === null) return fail('invalidState', 'no fire drill runs');
      running.abort.abort(reason);
      return ok({});
    },
    async recover() {
      options.publish(view());
      await clearLeft();
    },
    async close() {
      running?.abort.abort('the engine is closing');
      await running?.done;
      await clearing;
    },
  };
}
