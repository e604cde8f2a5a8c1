import { z } from 'zod';
import { DoctorReport, FixDoctorInput, FixReport, RunDoctorInput } from './doctor.ts';
import { DrillKind, DrillsView, DrillView } from './drills.ts';
import { EngineHealth, LogPage, ReadLogInput } from './health.ts';
import { WatchdogLimitName, WatchdogLimitView } from './watchdogLimits.ts';
import { procedure } from './wire/definition.ts';

const Nothing = z.object({});

/** What the Health screen asks: engine, logs, doctor, the watchdog's limits, fire drills. */
export const healthProcedures = {
  'engine.health': procedure('read', Nothing, EngineHealth),
  /** A page of a log, from its files; one call reads a bounded part of them. */
  'logs.read': procedure('read', ReadLogInput, LogPage),
  /** Agents that have logs of turns, the newest first. */
  'logs.agents': procedure('read', Nothing, z.object({ agents: z.array(z.string()) })),
  /** Looks at everything, and changes nothing. */
  'doctor.run': procedure('read', RunDoctorInput, DoctorReport),
  /** Mends what can be mended safely, then looks again. Work is kept in the vault before anything that holds some goes. */
  'doctor.fix': procedure('admin', FixDoctorInput, FixReport),
  'watchdog.limits': procedure('read', Nothing, z.object({ limits: z.array(WatchdogLimitView) })),
  /** Sets a limit from now on; null goes back to what config.yaml says. */
  'watchdog.setLimit': procedure(
    'control',
    z.object({ name: WatchdogLimitName, value: z.number().nullable() }),
    z.object({ limits: z.array(WatchdogLimitView) }),
  ),
  /** Begins a drill in a sandbox of its own; one at a time. Refused while the fleet is paused. */
  'drills.start': procedure('control', z.object({ kind: DrillKind }), DrillView),
  /** Ends the drill that runs; its sandbox is cleared away. */
  'drills.cancel': procedure('control', Nothing, Nothing),
  'drills.list': procedure('read', Nothing, DrillsView),
} as const;
