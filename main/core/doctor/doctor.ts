import { join } from 'node:path';
import {
  DOCTOR_CATEGORIES,
  type DoctorCategory,
  type DoctorCheck,
  type DoctorReport,
  type FixDoctorInput,
  type FixReport,
  type RunDoctorInput,
} from '../../../contract/doctor.ts';
import type { Result } from '../../../contract/result.ts';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { loadConfig } from '../config/loadConfig.ts';
import { defaultConfig } from '../config/schema.ts';
import { createGit, type Git } from '../git/git.ts';
import { findLiveEngine } from '../lease/engineInfo.ts';
import { errorLine } from '../util/files.ts';
import { checkConsistency } from './checkConsistency.ts';
import { checkVersion, checkWatchdog } from './checkEngine.ts';
import { checkAgents, checkLogs, checkStructure } from './checkFiles.ts';
import { checkConfig, checkDependencies, checkEcosystem, checkProviders, checkServe } from './checkSettings.ts';
import { checkDatabases, checkMerge } from './checkStores.ts';
import { type Category, checkOf, type DoctorContext, type Finding, failure } from './doctorContext.ts';

const CATEGORIES: Readonly<Record<DoctorCategory, Category>> = {
  dependencies: checkDependencies,
  config: checkConfig,
  structure: checkStructure,
  databases: checkDatabases,
  consistency: checkConsistency,
  agents: checkAgents,
  merge: checkMerge,
  logs: checkLogs,
  version: checkVersion,
  ecosystem: checkEcosystem,
  providers: checkProviders,
  watchdog: checkWatchdog,
  serve: checkServe,
};

export interface DoctorOptions {
  readonly projectRoot: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly thorough: boolean;
  readonly removeWorktree: DoctorContext['removeWorktree'];
  readonly lastTickAt: () => string | null;
  readonly clock?: Clock;
  readonly git?: Git;
}

/** Looks a project over, and mends what can be mended safely (spec 03 §5.7). */
export interface Doctor {
  run(input: RunDoctorInput): Promise<DoctorReport>;
  /** Mends, then looks at the same categories once more. */
  fix(input: FixDoctorInput): Promise<FixReport>;
}

interface Found {
  readonly check: DoctorCheck;
  readonly finding: Finding;
}

/** Makes a doctor of a project. It needs no engine, and no config that can be read. */
export function createDoctor(options: DoctorOptions): Doctor {
  const { projectRoot } = options;

  async function contextNow(): Promise<DoctorContext> {
    const loaded = await loadConfig(projectRoot);
    return {
      projectRoot,
      overstory: join(projectRoot, '.overstory'),
      environment: options.environment,
      clock: options.clock ?? systemClock,
      git: options.git ?? createGit(projectRoot),
      loaded,
      config: loaded.ok ? loaded.value.config : defaultConfig(projectRoot),
      engine: await findLiveEngine(projectRoot),
      thorough: options.thorough,
      removeWorktree: options.removeWorktree,
      lastTickAt: options.lastTickAt(),
    };
  }

  async function look(categories: readonly DoctorCategory[] | undefined): Promise<readonly Found[]> {
    const context = await contextNow();
    const wanted = DOCTOR_CATEGORIES.filter((name) => categories === undefined || categories.includes(name));
    const found: Found[] = [];
    for (const category of wanted) {
      for (const finding of await findingsOf(category, context)) {
        found.push({ check: checkOf(category, finding), finding });
      }
    }
    return found;
  }

  return {
    async run(input) {
      return reportOf((await look(input.categories)).map(({ check }) => check));
    },
    async fix({ categories, ids }) {
      const fixed: string[] = [];
      const notFixed: string[] = [];
      for (const { check, finding } of await look(categories)) {
        const { fix } = finding;
        if (check.status === 'pass' || fix === undefined || fix === null) continue;
        if (ids !== undefined && !ids.includes(check.id)) continue;
        const done = await attempt(fix.run);
        if (done.ok) fixed.push(`${check.name}: ${done.value}`);
        else notFixed.push(`${check.name}: ${done.error.message}`);
      }
      const checks = (await look(categories)).map(({ check }) => check);
      return { ...reportOf(checks), fixed, notFixed };
    },
  };
}

/** A category that breaks is a finding of its own: the others go on. */
async function findingsOf(category: DoctorCategory, context: DoctorContext): Promise<readonly Finding[]> {
  try {
    return await CATEGORIES[category](context);
  } catch (error) {
    return [failure(category, `these checks could not be made: ${errorLine(error)}`)];
  }
}

async function attempt(run: () => Promise<Result<string>>): Promise<Result<string>> {
  try {
    return await run();
  } catch (error) {
    // A disk or a database that refuses: told like any fix that could not be made.
    return { ok: false, error: { tag: 'unavailable', message: errorLine(error) } };
  }
}

/** Counts by status. */
export function reportOf(checks: readonly DoctorCheck[]): DoctorReport {
  const count = (status: DoctorCheck['status']): number => checks.filter((check) => check.status === status).length;
  return { checks: [...checks], summary: { pass: count('pass'), warn: count('warn'), fail: count('fail') } };
}
