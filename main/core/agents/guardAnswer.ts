import { dirname, join, parse, sep } from 'node:path';
import { decideToolCall, type GuardDecision, type GuardPolicy, type LeadCloseFacts } from './guardDecision.ts';
import { type GuardFacts, readGuardFacts } from './guardFacts.ts';
import { readHookInput } from './guardHooks.ts';

/** What the process that answers a hook can see of its machine. */
export interface GuardMachine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute folder for throw-away files. */
  readonly temporaryFolder: string;
  /** Real path of an existing path; throws when there is none. */
  readonly realpath: (path: string) => string;
  /** What has to be true before a lead closes its task; asked only when one does. */
  readonly leadClose?: (facts: GuardFacts) => Promise<LeadCloseFacts | undefined>;
  /** True when the path is a folder. */
  readonly isFolder?: (path: string) => boolean;
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
  const known = facts.value ?? strangerFacts(agentName, dirname(overstoryDirectory));
  const closes = known.capability === 'lead' && /\bclose\b/.test(String(call.value.input.command ?? ''));
  const leadClose = closes ? await machine.leadClose?.(known) : undefined;
  return decideToolCall(call.value, { ...policyOf(known, machine), leadClose });
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
    isFolder: machine.isFolder,
  };
}

/**
 * Canonical form of an absolute path that need not exist, on top of a function for those that do. Part by part, as the
 * system itself goes: `..` behind a link is above the place the link leads to.
 */
export function canonicalWith(realpath: (path: string) => string): (path: string) => string {
  return (path) => {
    const { root } = parse(path);
    let place = root;
    let missing = false;
    for (const part of path.slice(root.length).split(sep)) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        place = dirname(place);
        missing = false;
        continue;
      }
      place = join(place, part);
      if (missing) continue;
      try {
        place = realpath(place);
      } catch {
        // Nothing is there, so nothing below it can be a link.
        missing = true;
      }
    }
    return place;
  };
}

/** An agent the guard has no facts of: only the rules for everybody apply. */
function strangerFacts(agentName: string, projectRoot: string): GuardFacts {
  return { agentName, capability: 'builder', worktree: null, projectRoot, taskId: '', qualityGates: [] };
}
