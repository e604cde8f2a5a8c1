import { ok, type Result } from '../../../contract/result.ts';
import type { RoomHandlers } from '../../../contract/room.ts';
import type { Doctor } from '../doctor/doctor.ts';
import type { Drills } from '../drills/drillService.ts';
import type { LogReader } from '../logs/logReader.ts';
import type { WatchdogLimitService } from '../watchdog/limits.ts';
import type { createEngineHealth } from './engineHealth.ts';

type HealthHandlers = Pick<
  RoomHandlers,
  | 'engine.health'
  | 'logs.read'
  | 'logs.agents'
  | 'doctor.run'
  | 'doctor.fix'
  | 'watchdog.limits'
  | 'watchdog.setLimit'
  | 'drills.start'
  | 'drills.cancel'
  | 'drills.list'
>;

/** The Health screen's procedures over their services. */
export function healthHandlers(parts: {
  readonly health: ReturnType<typeof createEngineHealth>;
  readonly logs: LogReader;
  readonly doctor: Doctor;
  readonly limits: WatchdogLimitService;
  readonly drills: Drills;
}): HealthHandlers {
  const { health, logs, doctor, limits, drills } = parts;
  const answered = async <Value>(answer: Promise<Value>): Promise<Result<Value>> => ok(await answer);
  return {
    'engine.health': () => answered(health.read()),
    'logs.read': (input) => logs.read(input),
    'logs.agents': async () => ok({ agents: await logs.agents() }),
    'doctor.run': (input) => answered(doctor.run(input)),
    'doctor.fix': (input) => answered(doctor.fix(input)),
    'watchdog.limits': () => ok({ limits: limits.views() }),
    'watchdog.setLimit'(input) {
      const set = limits.set(input.name, input.value);
      return set.ok ? ok({ limits: set.value }) : set;
    },
    'drills.start': (input) => drills.start(input.kind),
    'drills.cancel': () => drills.cancel('by a person'),
    'drills.list': () => ok(drills.view()),
  };
}
