import { join } from 'node:path';
import { isAgentName } from '../../../contract/names.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { isMapping } from '../config/yamlValue.ts';
import { readTextIfPresent } from '../util/files.ts';
import type { GuardProjectRules } from './guardDecision.ts';

/** What the guard of one agent knows: kept in `agents/<name>/guard.json`, so that a hook needs neither engine nor database. */
export interface GuardFacts {
  readonly agentName: string;
  readonly capability: string;
  /** Absolute; null for an agent of the project root. */
  readonly worktree: string | null;
  readonly projectRoot: string;
  readonly taskId: string;
  readonly qualityGates: readonly string[];
  /** The project's own rules; absent in files of an earlier version. */
  readonly rules?: GuardProjectRules;
}

/** Where the facts of an agent are kept. */
export function guardFactsPath(overstoryDirectory: string, agentName: string): string {
  return join(overstoryDirectory, 'agents', agentName, 'guard.json');
}

/** Facts as written; null for an agent that has none, such as the operator's own. */
export async function readGuardFacts(
  overstoryDirectory: string,
  agentName: string,
): Promise<Result<GuardFacts | null>> {
  if (!isAgentName(agentName)) return fail('validation', `"${agentName}" is no agent name`);
  try {
    const text = await readTextIfPresent(guardFactsPath(overstoryDirectory, agentName));
    if (text === null) return ok(null);
    const facts = parseGuardFacts(JSON.parse(text));
    if (facts !== null) return ok(facts);
  } catch {
    // Unreadable and malformed files mean the same: the guard does not know the agent's limits, and says so below.
  }
  return fail('agent', `the guard file of ${agentName} is damaged: stop the agent and sling it again`);
}

/** Checked by hand, because every guarded tool call would wait for a schema library to load. */
function parseGuardFacts(value: unknown): GuardFacts | null {
  if (!isMapping(value)) return null;
  const { agentName, capability, worktree, projectRoot, taskId, qualityGates } = value;
  if (typeof agentName !== 'string' || typeof capability !== 'string') return null;
  if (typeof projectRoot !== 'string' || typeof taskId !== 'string') return null;
  if (worktree !== null && typeof worktree !== 'string') return null;
  if (!isTexts(qualityGates)) return null;
  const facts = { agentName, capability, worktree, projectRoot, taskId, qualityGates };
  if (value.rules === undefined) return facts;
  const rules = parseRules(value.rules);
  return rules === null ? null : { ...facts, rules };
}

function parseRules(value: unknown): GuardProjectRules | null {
  if (!isMapping(value)) return null;
  const { refuse, allow, protect } = value;
  return isTexts(refuse) && isTexts(allow) && isTexts(protect) ? { refuse, allow, protect } : null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
