import type { DoctorCategory, DoctorCheck } from '../../../contract/doctor.ts';
import { ok, type Result } from '../../../contract/result.ts';
import type { Clock } from '../../platform/clock.ts';
import type { LoadedConfig } from '../config/loadConfig.ts';
import type { Config } from '../config/schema.ts';
import type { Git } from '../git/git.ts';
import type { EngineInfo } from '../lease/engineInfo.ts';

/** What the checks look at. Nothing here needs an engine: a project whose engine cannot start needs a doctor most. */
export interface DoctorContext {
  readonly projectRoot: string;
  readonly overstory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly git: Git;
  /** As loaded now; a config with a mistake is a finding, and the checks go on with what is left of it. */
  readonly loaded: Result<LoadedConfig>;
  /** The loaded config, else the defaults. */
  readonly config: Config;
  /** The engine that holds the project right now. */
  readonly engine: EngineInfo | null;
  /** Looks through whole databases, however large; false where somebody waits for this process meanwhile. */
  readonly thorough: boolean;
  /** Removes an agent's worktree after a snapshot; null where there is no vault, then no fix takes a worktree away. */
  readonly removeWorktree: ((path: string) => Promise<Result<unknown>>) | null;
  /** When the watchdog of this process looked last; null where there is none. */
  readonly lastTickAt: string | null;
}

/** What mends a finding. */
export interface Fix {
  /** What it does, in one line. */
  readonly does: string;
  /** @returns what was done, in one line. */
  run(): Promise<Result<string>>;
}

/** What one check found. */
export interface Finding {
  readonly name: string;
  readonly status: DoctorCheck['status'];
  readonly message: string;
  readonly details?: readonly string[];
  readonly fix?: Fix | null;
}

/** All checks of a category. */
export type Category = (context: DoctorContext) => Promise<readonly Finding[]>;

export function pass(name: string, message: string, details: readonly string[] = []): Finding {
  return { name, status: 'pass', message, details };
}

export function warning(
  name: string,
  message: string,
  details: readonly string[] = [],
  fix: Fix | null = null,
): Finding {
  return { name, status: 'warn', message, details, fix };
}

export function failure(
  name: string,
  message: string,
  details: readonly string[] = [],
  fix: Fix | null = null,
): Finding {
  return { name, status: 'fail', message, details, fix };
}

/** A fix that cannot fail in a way a person could do something about. */
export function fixing(does: string, run: () => Promise<string>): Fix {
  return { does, run: async () => ok(await run()) };
}

/** The check a finding becomes. */
export function checkOf(category: DoctorCategory, finding: Finding): DoctorCheck {
  return {
    id: `${category}/${finding.name}`,
    name: finding.name,
    category,
    status: finding.status,
    message: finding.message,
    details: [...(finding.details ?? [])],
    fix: finding.status === 'pass' ? null : (finding.fix?.does ?? null),
  };
}
