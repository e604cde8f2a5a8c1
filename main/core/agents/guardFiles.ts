import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { AgentName } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { errorLine, readTextIfPresent } from '../util/files.ts';
import { decideToolCall, type GuardDecision, type GuardPolicy } from './guardDecision.ts';
import { guardSettings, readHookInput } from './guardHooks.ts';

/** What the guard of one agent knows: kept in `agents/<name>/guard.json`, so that a hook needs neither engine nor database. */
const GuardFacts = z.object({
  agentName: z.string(),
  capability: z.string(),
  /** Absolute; null for an agent of the project root. */
  worktree: z.string().nullable(),
  projectRoot: z.string(),
  taskId: z.string(),
  qualityGates: z.array(z.string()),
});
export type GuardFacts = z.infer<typeof GuardFacts>;

/** What the process that answers a hook can see of its machine. */
export interface GuardMachine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute folder for throw-away files. */
  readonly temporaryFolder: string;
  /** Real path of an existing path; throws when there is none. */
  readonly realpath: (path: string) => string;
}

/** Variables of an agent's shell whose value the guard may rely on. */
const KNOWN_VARIABLES = [
  'HOME',
  'TMPDIR',
  'OVERSTORY_WORKTREE_PATH',
  'OVERSTORY_PROJECT_ROOT',
  'OVERSTORY_AGENT_NAME',
  'OVERSTORY_TASK_ID',
];

/**
 * Writes the guard's facts and the settings a launch passes on. Returns the settings file's path; nothing outside of the
 * agent's own state folder is touched (spec 02 §3.10; real-agents.md §5).
 */
export async function writeGuardFiles(overstoryDirectory: string, facts: GuardFacts): Promise<Result<string>> {
  const folder = join(overstoryDirectory, 'agents', facts.agentName);
  const settings = join(folder, 'settings.json');
  try {
    await writeFileAtomic(join(folder, 'guard.json'), formatted(facts));
    await writeFileAtomic(settings, formatted(guardSettings(facts.agentName, facts.capability)));
    return ok(settings);
  } catch (error) {
    return fail(
      'agent',
      `the guards of ${facts.agentName} cannot be written (${errorLine(error)}); check space and permissions`,
    );
  }
}

/**
 * Answers one hook call: its standard input, decided by the rules. Whatever cannot be read is refused, because a hook that
 * fails lets the call through.
 */
export async function answerHook(
  overstoryDirectory: string,
  agentName: string,
  input: string,
  machine: GuardMachine,
  cwd: string,
): Promise<GuardDecision> {
  const call = readHookInput(input, cwd);
  if (!call.ok) return { allow: false, reason: call.error.message };
  const facts = await readGuardFacts(overstoryDirectory, agentName);
  if (!facts.ok) return { allow: false, reason: facts.error.message };
  return decideToolCall(
    call.value,
    policyOf(facts.value ?? strangerFacts(agentName, dirname(overstoryDirectory)), machine),
  );
}

/** Facts as written; null for an agent that has none, such as the operator's own. */
export async function readGuardFacts(
  overstoryDirectory: string,
  agentName: string,
): Promise<Result<GuardFacts | null>> {
  if (!AgentName.safeParse(agentName).success) return fail('validation', `"${agentName}" is no agent name`);
  try {
    const text = await readTextIfPresent(join(overstoryDirectory, 'agents', agentName, 'guard.json'));
    if (text === null) return ok(null);
    const parsed = GuardFacts.safeParse(JSON.parse(text));
    if (parsed.success) return ok(parsed.data);
  } catch {
    // Unreadable and malformed files mean the same: the guard does not know the agent's limits, and says so below.
  }
  return fail('agent', `the guard file of ${agentName} is damaged: stop the agent and sling it again`);
}

/** The rules' view of an agent on this machine; paths are made canonical here. */
export function policyOf(facts: GuardFacts, machine: GuardMachine): GuardPolicy {
  const canonical = canonicalWith(machine.realpath);
  const variables: Record<string, string> = {};
  for (const name of KNOWN_VARIABLES) {
    const value = machine.environment[name];
    if (value !== undefined && value !== '') variables[name] = value;
  }
  return {
    ...facts,
    worktree: facts.worktree === null ? null : canonical(facts.worktree),
    projectRoot: canonical(facts.projectRoot),
    scratchFolders: [...new Set([canonical(machine.temporaryFolder), canonical('/tmp')])],
    variables,
    canonical,
  };
}

/** Canonical form of a path that need not exist, on top of a function for those that do. */
export function canonicalWith(realpath: (path: string) => string): (path: string) => string {
  return (path) => {
    for (let existing = path; ; existing = dirname(existing)) {
      try {
        const real = realpath(existing);
        return existing === path ? real : join(real, relative(existing, path));
      } catch {
        // This part does not exist: its parent decides, the root at the latest.
        if (existing === dirname(existing)) return path;
      }
    }
  };
}

/** An agent the guard has no facts of: only the rules for everybody apply. */
function strangerFacts(agentName: string, projectRoot: string): GuardFacts {
  return { agentName, capability: 'builder', worktree: null, projectRoot, taskId: '', qualityGates: [] };
}

function formatted(value: unknown): string {
  return `${JSON.stringify(value, null, '\t')}\n`;
}
