import { createDoctor } from '../doctor/doctor.ts';
import { createDrills, type Drills } from '../drills/drillService.ts';
import type { ServicesOptions } from '../engineServicesOptions.ts';
import type { Git } from '../git/git.ts';
import type { Governor } from '../governor/governor.ts';
import { createEngineHealth } from '../health/engineHealth.ts';
import { healthHandlers } from '../health/healthHandlers.ts';
import { createLogReader } from '../logs/logReader.ts';
import type { HostLink } from '../terminals/hostLink.ts';
import type { WatchdogLimitService } from '../watchdog/limits.ts';
import type { Watchdog } from '../watchdog/watchdogService.ts';
import type { Worktrees } from '../worktrees/worktrees.ts';

/** Puts together what the Health screen shows: engine, logs, doctor, limits of the watchdog, fire drills. */
export function composeHealth(
  options: ServicesOptions,
  parts: {
    readonly git: Git;
    readonly link: HostLink;
    readonly watchdog: Watchdog;
    readonly limits: WatchdogLimitService;
    readonly worktrees: Pick<Worktrees, 'remove'>;
    readonly governor: Pick<Governor, 'fleetPaused'>;
  },
): { readonly handlers: ReturnType<typeof healthHandlers>; readonly drills: Drills; close(): void } {
  const { overstoryDirectory, projectRoot, stores, clock, log, environment, hub } = options;
  const { git, watchdog, limits } = parts;
  const health = createEngineHealth({
    overstoryDirectory,
    clock,
    engine: options.engine,
    control: stores.control,
    link: parts.link,
    faces: options.faces,
    watchdog() {
      const { tier0Enabled, tier0IntervalMs } = limits.config().watchdog;
      return { enabled: tier0Enabled, intervalMs: tier0IntervalMs, ...watchdog.status() };
    },
  });
  const doctor = createDoctor({
    projectRoot,
    environment,
    clock,
    git,
    // The engine's process answers others meanwhile.
    thorough: false,
    removeWorktree: (path) => parts.worktrees.remove(path, { force: true }),
    lastTickAt: () => watchdog.status().lastTickAt,
  });
  const drills = createDrills({
    overstoryDirectory,
    clock,
    log,
    control: stores.control,
    modes: () => watchdog.modes(),
    fleetPaused: () => parts.governor.fleetPaused(),
    start: options.startSandbox,
    publish: (view) => hub.publish('drills', { value: view }),
  });
  return {
    handlers: healthHandlers({ health, logs: createLogReader(overstoryDirectory), doctor, limits, drills }),
    drills,
    close: () => health.close(),
  };
}
