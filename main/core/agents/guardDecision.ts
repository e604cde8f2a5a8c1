import { resolve } from 'node:path';
import { isInside } from '../util/files.ts';
import { refuseCommand, unseenBy } from './guardCommand.ts';
import { INTERACTIVE_TOOLS, TEAM_TOOLS, WRITE_TOOLS } from './guardRules.ts';
import { readCommandLine } from './guardShell.ts';
import { boundary, placeOf, refuseProtected } from './guardTargets.ts';
import { isImplementation } from './roles.ts';

/** A tool call a runtime is about to make. */
export interface ToolCall {
  readonly toolName: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Absolute. */
  readonly cwd: string;
}

/** A project's own rules, `controlRoom.guards` of its config. */
export interface GuardProjectRules {
  /** Beginnings of commands that are refused to every role. */
  readonly refuse: readonly string[];
  /** Beginnings of commands that roles which only read may run as well. */
  readonly allow: readonly string[];
  /** Files and folders, relative to the worktree, that no agent writes. */
  readonly protect: readonly string[];
}

/** Who makes the call and what is theirs. Paths are canonical: links resolved. */
export interface GuardPolicy {
  readonly agentName: string;
  readonly capability: string;
  /** Null for agents of the project root. */
  readonly worktree: string | null;
  readonly projectRoot: string;
  /** Empty when the agent has no task. */
  readonly taskId: string;
  readonly qualityGates: readonly string[];
  readonly rules?: GuardProjectRules | undefined;
  /** Folders for throw-away files, such as the system's temporary folder. */
  readonly scratchFolders: readonly string[];
  /** Environment variables whose value the agent's shell is known to have. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * Canonical form of an absolute path that need not exist and may hold `.` and `..`: links of its existing part are
   * followed one by one, so that `link/..` is where the link leads.
   */
  readonly canonical: (path: string) => string;
  /** True when the path is a folder; absent: all are taken for one. */
  readonly isFolder?: ((path: string) => boolean) | undefined;
  /** What has to be true before a lead closes its task; absent where nobody asked. */
  readonly leadClose?: LeadCloseFacts | undefined;
}

/** Counts of a lead's mail, any read state (spec 02 §3.10 "lead close gate"). */
export interface LeadCloseFacts {
  /** `merge_ready` sent plus `merged` received. */
  readonly handedOver: number;
  /** Builders whose `worker_done` arrived; scouts and reviewers do not count. */
  readonly buildersDone: number;
  /** Whether the lead's own commits are in the target branch; null when that cannot be told. */
  readonly merged: boolean | null;
}

/** `advisory`: allowed, and what the guard does not see of it, in one line. */
export type GuardDecision =
  | { readonly allow: true; readonly advisory?: string }
  | { readonly allow: false; readonly reason: string };

const ALLOW: GuardDecision = { allow: true };

/** Decides about one tool call (spec 02 §3.10). Pure: what it knows of the file system comes with the policy. */
export function decideToolCall(call: ToolCall, given: GuardPolicy): GuardDecision {
  const policy = { ...given, canonical: (path: string) => resolve(given.canonical(path)) };
  if (TEAM_TOOLS.includes(call.toolName)) {
    return block(
      `${call.toolName} is not used here: start agents with "ov sling" and write to them with "ov mail send"`,
    );
  }
  if (INTERACTIVE_TOOLS.includes(call.toolName)) {
    return block(
      `${call.toolName} needs a person at a terminal: ask by mail (type question or decision_gate) and end the turn`,
    );
  }
  const pathField = Object.hasOwn(WRITE_TOOLS, call.toolName) ? WRITE_TOOLS[call.toolName] : undefined;
  if (pathField !== undefined) return decideWrite(call, call.input[pathField], policy);
  if (call.toolName !== 'Bash') return ALLOW;
  const command = call.input.command;
  return typeof command === 'string' ? decideCommand(command, call.cwd, policy) : ALLOW;
}

function decideWrite(call: ToolCall, path: unknown, policy: GuardPolicy): GuardDecision {
  if (!isImplementation(policy.capability)) {
    return block(
      `a ${policy.capability} cannot modify files: report what should change by mail, or through "ov spec write"`,
    );
  }
  if (typeof path !== 'string' || path === '' || policy.worktree === null) return ALLOW;
  const place = placeOf(path, call.cwd, policy);
  if (!isInside(place, policy.worktree)) return block(boundary(path, policy));
  const kept = refuseProtected(place, path, policy.worktree, policy);
  return kept === null ? ALLOW : block(kept);
}

function decideCommand(line: string, cwd: string, policy: GuardPolicy): GuardDecision {
  const { worktree } = policy;
  const read = readCommandLine(line, {
    cwd,
    resolve,
    variables: Object.fromEntries(Object.entries(policy.variables).map(([name, value]) => [name, [value]])),
    isFolder: policy.isFolder ?? (() => true),
    topFolder: (folder) => (worktree !== null && isInside(policy.canonical(folder), worktree) ? worktree : null),
    scratch: policy.scratchFolders[0] ?? '/tmp',
  });
  const links: string[] = [];
  let advisory: string | null = null;
  for (const command of read.commands) {
    const reason = refuseCommand(command, policy, links);
    if (reason !== null) return block(reason);
    advisory ??= unseenBy(command);
    if (command.name === 'ln') {
      for (const word of command.args) {
        if (!word.dynamic && !word.text.startsWith('-')) links.push(placeOf(word.text, command.cwd, policy));
      }
    }
  }
  if (read.problem !== null) return block(`this command line cannot be checked: ${read.problem}`);
  return advisory === null ? ALLOW : { allow: true, advisory };
}

function block(reason: string): GuardDecision {
  return { allow: false, reason };
}
