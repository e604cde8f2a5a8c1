import { resolve } from 'node:path';
import { isInside } from '../util/files.ts';
import { gitChanges, gitDanger, gitIsAllowedReadOnly, readGit } from './guardGit.ts';
import type { ShellWord } from './guardLexer.ts';
import {
  DESTRUCTIVE,
  DEVICE_FOLDER,
  EDITORS,
  EVALUATORS,
  FILE_COMMANDS,
  INSTALLERS,
  INTERACTIVE_TOOLS,
  OWN_COMMANDS,
  TEAM_TOOLS,
  TRACKERS,
  WRITE_TOOLS,
} from './guardRules.ts';
import { expandWord, type GuardedCommand, readCommandLine } from './guardShell.ts';
import { isCoordination, isImplementation } from './roles.ts';

/** A tool call a runtime is about to make. */
export interface ToolCall {
  readonly toolName: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Absolute. */
  readonly cwd: string;
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
  /** Folders for throw-away files, such as the system's temporary folder. */
  readonly scratchFolders: readonly string[];
  /** Environment variables whose value the agent's shell is known to have. */
  readonly variables: Readonly<Record<string, string>>;
  /** Canonical form of an absolute path that need not exist: links of its existing part resolved. */
  readonly canonical: (path: string) => string;
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

export type GuardDecision = { readonly allow: true } | { readonly allow: false; readonly reason: string };

const ALLOW: GuardDecision = { allow: true };

/** Decides about one tool call (spec 02 §3.10). Pure: what it knows of the file system comes with the policy. */
export function decideToolCall(call: ToolCall, policy: GuardPolicy): GuardDecision {
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
  const place = policy.canonical(resolve(call.cwd, path));
  return isInside(place, policy.worktree) ? ALLOW : block(boundary(path, policy));
}

function decideCommand(line: string, cwd: string, policy: GuardPolicy): GuardDecision {
  const read = readCommandLine(line, { cwd, resolve, variables: policy.variables });
  for (const command of read.commands) {
    const reason = refuseToAll(command, policy) ?? refuseToRole(command, policy);
    if (reason !== null) return block(reason);
  }
  return read.complete
    ? ALLOW
    : block('this command line cannot be checked: close its quotes, and write eval and sh -c out plainly');
}

/** Rules for every role: git, other people's issues, the lead's close gate. */
function refuseToAll(command: GuardedCommand, policy: GuardPolicy): string | null {
  if (command.name === 'git') {
    const danger = gitDanger(readGit(command.args), policy.agentName);
    if (danger !== null) return danger;
  }
  if (command.name === 'ov' || command.name === 'overstory') {
    const kept = refuseVault(command);
    if (kept !== null) return kept;
  }
  return TRACKERS.includes(command.name) ? refuseTracker(command, policy) : null;
}

/** What brings back, overwrites or lets go of others' work is a person's (product.md B3); looking and keeping is everybody's. */
function refuseVault(command: GuardedCommand): string | null {
  const [group = '', verb = ''] = positional(
    command.args.map((word) => word.text),
    ['--project'],
  );
  const refused =
    (group === 'vault' && (verb === 'restore' || verb === 'drop')) || (group === 'worktree' && verb === 'remove');
  return refused ? `ov ${group} ${verb} is for a person: say by mail what should be brought back or removed` : null;
}

function refuseTracker(command: GuardedCommand, policy: GuardPolicy): string | null {
  if (policy.taskId === '') return null;
  const [verb, ...rest] = command.args.map((word) => word.text);
  const changesStatus = rest.some((text) => text === '--status' || text.startsWith('--status='));
  if (verb !== 'close' && !(verb === 'update' && changesStatus)) return null;
  const ids =
    verb === 'close' ? positional(rest, ['--reason', '-r', '--message', '-m']) : positional(rest, []).slice(0, 1);
  const stranger = ids.find((id) => id !== policy.taskId);
  if (stranger !== undefined)
    return `issue ${stranger} is not yours (your task is ${policy.taskId}): leave it to its owner`;
  return verb === 'close' && policy.capability === 'lead' ? refuseLeadClose(policy) : null;
}

function refuseLeadClose(policy: GuardPolicy): string | null {
  const facts = policy.leadClose;
  if (facts === undefined) return null;
  if (facts.handedOver === 0)
    return 'you have not sent a merge_ready mail: hand over each finished branch before you close the task';
  if (facts.handedOver < facts.buildersDone) {
    return `${facts.handedOver} merge_ready is less than worker_done of ${facts.buildersDone} builders: hand over every branch first`;
  }
  return facts.merged === false
    ? 'your own commits are not yet merged: have them merged before you close the task'
    : null;
}

function refuseToRole(command: GuardedCommand, policy: GuardPolicy): string | null {
  return isImplementation(policy.capability) ? refuseOutsideWorktree(command, policy) : refuseChange(command, policy);
}

/** For roles that only read: anything that writes is refused, everything else runs. */
function refuseChange(command: GuardedCommand, policy: GuardPolicy): string | null {
  const role = `a ${policy.capability} cannot modify files`;
  for (const redirect of command.redirects) {
    const target = expandWord(redirect.target, command.variables);
    if (redirect.writes && (target === null || !isInside(resolve('/', target), DEVICE_FOLDER))) {
      return `${role}: no redirection into ${redirect.target.text}`;
    }
  }
  if (command.dynamicName) return `${role}: the name of a command must be written out`;
  if (command.name === '' || OWN_COMMANDS.includes(command.name)) return null;
  if (command.name === 'git') {
    const git = readGit(command.args);
    const allowed = gitIsAllowedReadOnly(git, isCoordination(policy.capability));
    return allowed ? null : `${role} or git state: no git ${git.subcommand}`;
  }
  if (isQualityGate(command, policy.qualityGates)) return null;
  const texts = command.args.map((word) => word.text);
  const installs = INSTALLERS[command.name];
  const evaluates = EVALUATORS[command.name];
  const refused =
    Object.hasOwn(FILE_COMMANDS, command.name) ||
    EDITORS.includes(command.name) ||
    editsInPlace(command.name, texts) ||
    (installs?.some((word) => word === texts.find((text) => !text.startsWith('-'))) ?? false) ||
    (evaluates !== undefined && texts.some((text) => evaluates.includes(text))) ||
    (command.name === 'find' && texts.some((text) => /^-(?:delete|exec|execdir|ok|okdir|fprint.*|fls)$/.test(text)));
  return refused ? `${role}: no ${[command.name, ...texts.slice(0, 1)].join(' ')}` : null;
}

/** For roles that write: whatever a command changes must lie in the worktree or in a scratch folder. */
function refuseOutsideWorktree(command: GuardedCommand, policy: GuardPolicy): string | null {
  if (policy.worktree === null) return null;
  for (const redirect of command.redirects) {
    if (!redirect.writes) continue;
    const reason = refuseTarget(redirect.target, command, policy, false);
    if (reason !== null) return reason;
  }
  if (command.name === 'git') {
    const git = readGit(command.args);
    if (!gitChanges(git)) return null;
    const folders = git.folders.length > 0 ? git.folders : [{ text: '.', dynamic: false, quoted: false }];
    return firstReason(folders, (folder) => refuseTarget(folder, command, policy, true));
  }
  const kind = Object.hasOwn(FILE_COMMANDS, command.name) ? FILE_COMMANDS[command.name] : undefined;
  const texts = command.args.map((word) => word.text);
  const deletes = command.name === 'find' && texts.some((text) => text === '-delete' || /^-exec/.test(text));
  if (kind === undefined && !deletes && !editsInPlace(command.name, texts) && !EDITORS.includes(command.name))
    return null;
  const strict = DESTRUCTIVE.includes(command.name) || deletes;
  return firstReason(targetsOf(command, kind ?? 'all'), (word) => refuseTarget(word, command, policy, strict));
}

/** Words of a file command that name what it changes. */
function targetsOf(command: GuardedCommand, kind: 'all' | 'last'): readonly ShellWord[] {
  const targets: ShellWord[] = [];
  const plain: ShellWord[] = [];
  let optionsEnd = false;
  for (let index = 0; index < command.args.length; index += 1) {
    const word = command.args[index];
    if (word === undefined) continue;
    const inline = /^(?:--target-directory=|of=)([\s\S]*)$/.exec(word.text)?.[1];
    if (inline !== undefined) targets.push({ ...word, text: inline });
    else if (!optionsEnd && word.text === '--') optionsEnd = true;
    else if (!optionsEnd && (word.text === '-t' || word.text === '--target-directory') && kind === 'last') {
      const value = command.args[index + 1];
      if (value !== undefined) targets.push(value);
      index += 1;
    } else if (optionsEnd || !word.text.startsWith('-')) plain.push(word);
  }
  if (command.name === 'dd') return targets;
  if (kind === 'all') return [...targets, ...plain];
  return targets.length > 0 ? targets : plain.slice(-1);
}

/** @param strict when true a target that is only known when the command runs is refused too. */
function refuseTarget(word: ShellWord, command: GuardedCommand, policy: GuardPolicy, strict: boolean): string | null {
  const text = expandWord(word, command.variables);
  if (text === null || (command.cwd === null && !text.startsWith('/'))) {
    return strict ? `${command.name}: the target ${word.text} cannot be checked; write the path out` : null;
  }
  const place = policy.canonical(resolve(command.cwd ?? '/', text));
  if (policy.worktree !== null && isInside(place, policy.worktree)) return null;
  // A project may itself lie in a scratch folder: its main checkout stays off limits.
  if (isInside(place, policy.projectRoot)) return boundary(word.text, policy);
  const scratch = [DEVICE_FOLDER, ...policy.scratchFolders];
  return scratch.some((folder) => isInside(place, folder)) ? null : boundary(word.text, policy);
}

function boundary(path: string, policy: GuardPolicy): string {
  return `PATH_BOUNDARY_VIOLATION: ${path} is outside of your worktree ${policy.worktree ?? ''}; write only inside of it`;
}

function editsInPlace(name: string, texts: readonly string[]): boolean {
  if (name !== 'sed' && name !== 'gsed' && name !== 'perl' && name !== 'ruby') return false;
  return texts.some((text) => /^-[a-zA-Z0-9]*i/.test(text) || text.startsWith('--in-place'));
}

/** True when the command begins with the words of a configured gate, or of one part of a gate that chains commands. */
function isQualityGate(command: GuardedCommand, gates: readonly string[]): boolean {
  const place = { cwd: '/', resolve, variables: {} };
  const words = [command.name, ...command.args.map((word) => word.text)];
  return gates.some((gate) =>
    readCommandLine(gate, place).commands.some((part) => {
      const wanted = [part.name, ...part.args.map((word) => word.text)];
      return part.name !== '' && wanted.every((word, index) => words[index] === word);
    }),
  );
}

function positional(texts: readonly string[], optionsWithValue: readonly string[]): readonly string[] {
  return texts.filter((text, index) => !text.startsWith('-') && !optionsWithValue.includes(texts[index - 1] ?? ''));
}

function firstReason<Item>(items: readonly Item[], check: (item: Item) => string | null): string | null {
  for (const item of items) {
    const reason = check(item);
    if (reason !== null) return reason;
  }
  return null;
}

function block(reason: string): GuardDecision {
  return { allow: false, reason };
}
