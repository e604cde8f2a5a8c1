import { isInside } from '../util/files.ts';
import type { GuardPolicy } from './guardDecision.ts';
import { knownWord, type ShellWord } from './guardExpand.ts';
import { gitChanges, gitDanger, gitIsAllowedReadOnly, gitOutputs, readGit } from './guardGit.ts';
import {
  DESTRUCTIVE,
  DEVICE_FOLDER,
  EDITORS,
  EVALUATORS,
  FILE_COMMANDS,
  INSTALLERS,
  LATER,
  OWN_COMMANDS,
  READERS,
  TRACKERS,
} from './guardRules.ts';
import { type GuardedCommand, readCommandLine, type ShellPlace } from './guardShell.ts';
import { editsInPlace, outputsOf, refuseTarget, targetsOf } from './guardTargets.ts';
import { isCoordination, isImplementation } from './roles.ts';

/** Why a command is refused, or null. `links` are places that became links earlier in the line. */
export function refuseCommand(command: GuardedCommand, policy: GuardPolicy, links: readonly string[]): string | null {
  return isImplementation(policy.capability)
    ? (refuseToAll(command, policy) ?? refuseOutsideWorktree(command, policy, links))
    : (refuseChange(command, policy) ?? refuseToAll(command, policy));
}

/** Programs whose options name a folder, and that run other code all the same. */
const RUNS_MORE: ReadonlySet<string> = new Set([
  'make',
  'npm',
  'pnpm',
  'yarn',
  'bun',
  'go',
  'pip',
  'pip3',
  'perl',
  'ruby',
]);

/**
 * What nobody sees of a command that is allowed: a program's own code. Null when there is nothing of the kind
 * (docs/guards.md "advisory").
 */
export function unseenBy(command: GuardedCommand): string | null {
  const { name, args, redirects } = command;
  if (name === 'sed' && texts(command).some(sedWrites)) return 'what a sed program writes is not seen';
  if (name === '' || READERS.has(name)) {
    const unknown = redirects.find((redirect) => redirect.writes && redirect.target.dynamic);
    return unknown === undefined ? null : `where ${unknown.target.text} leads is only known when it runs`;
  }
  const targets = RUNS_MORE.has(name) || EDITORS.includes(name) ? null : targetsOf(command);
  if (targets !== null) {
    const unknown = targets.find((word) => word.dynamic);
    return unknown === undefined ? null : `what ${unknown.text} names is only known when it runs`;
  }
  return `what ${[name, args[0]?.text ?? ''].join(' ').trim()} does by itself is not seen`;
}

/** Rules for every role: git, other people's issues and work, the lead's close gate, the project's own rules. */
function refuseToAll(command: GuardedCommand, policy: GuardPolicy): string | null {
  if (command.dynamicName) return 'the name of a command must be written out, so that it can be checked';
  const rule = policy.rules?.refuse.find((line) => startsLike(command, line));
  if (rule !== undefined) return `this project refuses "${rule}" to agents (controlRoom.guards.refuse): ask by mail`;
  if (Object.hasOwn(LATER, command.name)) return LATER[command.name] ?? null;
  if (command.name === 'git') return gitDanger(readGit(command.args), policy.agentName);
  // `git-push` is how git calls its own commands.
  if (/^git-(?!lfs$|upload|receive)/.test(command.name)) {
    const args = [knownWord(command.name.slice(4)), ...command.args];
    return gitDanger(readGit(args), policy.agentName);
  }
  if (command.name === 'ov' || command.name === 'overstory') {
    return refusePersons(command) ?? refuseCard(command, policy);
  }
  return TRACKERS.includes(command.name) ? refuseTracker(command, policy) : null;
}

/** What brings back, overwrites or lets go of others' work is a person's (product.md B3); looking and keeping is everybody's. */
function refusePersons(command: GuardedCommand): string | null {
  const [group = '', verb = ''] = positional(
    command.args.map((word) => word.text),
    ['--project'],
  );
  const first = command.args.find((word) => !word.text.startsWith('-'));
  if (first?.dynamic) return 'the command of ov must be written out, so that it can be checked';
  if (group === 'merge' && acceptsHold(command))
    return 'a merge that is held is accepted by a person: resolve the conflict in the branch, or say by mail why it should go in';
  if (group === 'log' || (group === 'hooks' && verb !== 'status'))
    return `ov ${group} is for a person's own agent: the engine reads what you do from your turns`;
  if (!isForPersons(group, verb, command.args)) return null;
  return `ov ${[group, verb].join(' ').trim()} is for a person: say by mail what you need and why`;
}

/** Commands of `ov` whose every form, or all forms but those that only look, decide over others' work, money or rules. */
const PERSONS: Readonly<Record<string, (verb: string, words: readonly string[]) => boolean>> = {
  clean: () => true,
  vault: (verb) => verb === 'restore' || verb === 'drop',
  worktree: (verb) => verb === 'remove' || verb === 'clean',
  // Settings name commands that the engine runs, and what agents may do.
  config: (verb) => verb !== 'list' && verb !== 'get',
  init: () => true,
  watchdog: (verb) => verb !== 'rules' && verb !== 'log',
  resume: () => true,
  takeover: () => true,
  handback: () => true,
  open: () => true,
  wall: (verb) => verb !== 'list',
  serve: () => true,
  drill: (verb) => verb !== 'results',
  doctor: (_verb, words) => words.includes('--fix'),
};

function isForPersons(group: string, verb: string, args: GuardedCommand['args']): boolean {
  const rule = Object.hasOwn(PERSONS, group) ? PERSONS[group] : undefined;
  if (rule === undefined) return false;
  // What is only known when it runs could be any word: the verb, or for commands without one an option.
  const unknown = args.some((word) => word.dynamic && (word.text === verb || group === 'doctor'));
  const words = args.map((word) => word.text);
  return unknown || rule(verb, words);
}

/** `ov merge --accept-…`, also where a value could turn out to be it. */
function acceptsHold({ args }: GuardedCommand): boolean {
  return args.some((word, index) => {
    const isValue = /^--(?:branch|into|project)$/.test(args[index - 1]?.text ?? '');
    return word.text.startsWith('--accept') || (word.dynamic && !isValue);
  });
}

/** Options of `ov task` that take a value, so that the value is not read as a task. */
const TASK_VALUES = ['--project', '--title', '--description', '--priority', '--files', '--blocked-by', '--column'];

/** Cards of others are not an agent's to move or take away; a lead closes its own only when its branches are handed over. */
function refuseCard({ args }: GuardedCommand, policy: GuardPolicy): string | null {
  const words = args.map((word) => word.text);
  const [group, verb = '', ...ids] = positional(words, TASK_VALUES);
  if (group !== 'task' || policy.taskId === '') return null;
  if (args.some((word) => word.dynamic && word.text === verb))
    return 'the command of ov task must be written out, so that it can be checked';
  const moves = words.some((text) => text === '--column' || text.startsWith('--column='));
  if (!['close', 'delete', 'claim'].includes(verb) && !(verb === 'update' && moves)) return null;
  const stranger = ids.find((id) => id !== policy.taskId);
  if (stranger !== undefined)
    return `task ${stranger} is not yours (your task is ${policy.taskId}): leave it to its owner`;
  return verb === 'close' && policy.capability === 'lead' ? refuseLeadClose(policy) : null;
}

function refuseTracker(command: GuardedCommand, policy: GuardPolicy): string | null {
  if (policy.taskId === '') return null;
  const [verb, ...rest] = command.args.map((word) => word.text);
  if (command.args[0]?.dynamic) return `the command of ${command.name} must be written out, so that it can be checked`;
  const changesStatus = rest.some((text) => text === '--status' || text === '-s' || text.startsWith('--status='));
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

/** For roles that only read: anything that writes is refused, everything else runs. */
function refuseChange(command: GuardedCommand, policy: GuardPolicy): string | null {
  const role = `a ${policy.capability} cannot modify files`;
  for (const { writes, target } of command.redirects) {
    if (writes && (target.dynamic || !isDevice(target, command.cwd, policy)))
      return `${role}: no redirection into ${target.text}`;
  }
  if (command.dynamicName) return `${role}: the name of a command must be written out`;
  if (command.name === '' || OWN_COMMANDS.includes(command.name)) return null;
  if (command.name === 'git') {
    const git = readGit(command.args);
    const allowed = gitIsAllowedReadOnly(git, isCoordination(policy.capability));
    return allowed ? null : `${role} or git state: no git ${git.subcommand}`;
  }
  if (isQualityGate(command, policy.qualityGates)) return null;
  if (policy.rules?.allow.some((line) => startsLike(command, line))) return null;
  return changesFiles(command) ? `${role}: no ${[command.name, ...texts(command).slice(0, 1)].join(' ')}` : null;
}

function changesFiles(command: GuardedCommand): boolean {
  const { name, args } = command;
  const words = texts(command);
  if (Object.hasOwn(FILE_COMMANDS, name)) return name !== 'sqlite3' || !words.includes('-readonly');
  if (EDITORS.includes(name) || editsInPlace(name, words)) return true;
  if (installs(name, words)) return true;
  if (name === 'find' && words.some((text) => /^-(?:delete|fprint.*|fls)$/.test(text))) return true;
  if (name === 'curl' && words.some((text) => /^-[a-zA-Z]*[OJ]|^--remote-name/.test(text))) return true;
  if (name === 'wget')
    return !words.some(
      (text, index) => /^(?:-[a-zA-Z]*O-|--spider)$/.test(text) || (text === '-' && /O$/.test(words[index - 1] ?? '')),
    );
  if (name === 'tar') return !/^-?[a-zA-Z]*t/.test(words[0] ?? '') && !words.includes('--list');
  if (name === 'unzip') return !words.some((text) => /^-[a-zA-Z]*[lptvZ]/.test(text));
  if (name === 'zip' || name === '7z' || name === 'docker' || name === 'podman') return true;
  if (name === 'sed' && words.some(sedWrites)) return true;
  if (/^[gm]?awk$/.test(name))
    return words.some((text) => /system\s*\(|print[^;}]*[>|]|\|\s*"|\|\s*getline/.test(text));
  // `make -C src test` names where it works, not what it writes.
  if (
    !['make', 'npm', 'pnpm', 'yarn'].includes(name) &&
    outputsOf(name, args).some((word) => word.dynamic || !/^\/dev\//.test(word.text))
  )
    return true;
  return evaluates(command);
}

/** Options of package managers that say where, with a value of its own. */
const PLACE_OPTIONS = ['--prefix', '-C', '--dir', '--cwd', '-w', '--workspace', '--filter'];

function installs(name: string, words: readonly string[]): boolean {
  const verbs = Object.hasOwn(INSTALLERS, name) ? INSTALLERS[name] : undefined;
  return verbs?.includes(positional(words, PLACE_OPTIONS)[0] ?? '') ?? false;
}

/** `sed` can write files and run commands: `w file`, `s/a/b/w file`, `e`. */
function sedWrites(text: string): boolean {
  return /(?:^|[;{}\n]|^\d+|^\$|\/)\s*[wWe](?:\s|$)|(?:^|[;{}\n])\s*(?:\d+|\$|\/[^/]*\/)?\s*s(.)(?:(?!\1).|\\.)*\1(?:(?!\1).|\\.)*\1[gpiIMm\d]*[we]/.test(
    text,
  );
}

/** Code on the command line or on standard input: nobody sees what it does. */
function evaluates(command: GuardedCommand): boolean {
  const { name, input } = command;
  const options = Object.hasOwn(EVALUATORS, name) ? EVALUATORS[name] : undefined;
  if (options === undefined || options.length === 0) return false;
  const words = texts(command);
  if (words.some((text) => options.includes(text))) return true;
  const short = options.filter((option) => /^-[a-zA-Z]$/.test(option)).map((option) => option.charAt(1));
  if (words.some((text) => /^-[a-zA-Z]+$/.test(text) && short.some((letter) => text.includes(letter)))) return true;
  if (options.some((option) => option.startsWith('--') && words.some((text) => text.startsWith(`${option}=`))))
    return true;
  const file = words.find((text) => !text.startsWith('-') || text === '-');
  if (file !== undefined && file !== '-') return false;
  return input.kind !== 'none' && !words.some((text) => /^(?:-[vVh]|--version|--help)$/.test(text));
}

/** For roles that write: whatever a command changes must lie in the worktree or in a scratch folder. */
function refuseOutsideWorktree(command: GuardedCommand, policy: GuardPolicy, links: readonly string[]): string | null {
  if (policy.worktree === null) return null;
  for (const redirect of command.redirects) {
    if (!redirect.writes) continue;
    const reason = refuseTarget(redirect.target, command, policy, false, links);
    if (reason !== null) return reason;
  }
  if (command.name === 'git') return refuseGitOutside(command, policy, links);
  if (isGlobalInstall(command)) return `${command.name} with -g installs outside of your worktree; leave it out`;
  const targets = targetsOf(command);
  if (targets === null) return null;
  const strict = DESTRUCTIVE.includes(command.name) || command.name === 'find';
  return firstReason(targets, (word) => refuseTarget(word, command, policy, strict, links));
}

function refuseGitOutside(command: GuardedCommand, policy: GuardPolicy, links: readonly string[]): string | null {
  const git = readGit(command.args);
  const outputs = gitOutputs(git);
  const outside = firstReason(outputs, (word) => refuseTarget(word, command, policy, true, links));
  if (outside !== null) return outside;
  if (!gitChanges(git) || git.subcommand === 'clone' || git.subcommand === 'init') return null;
  let at: ShellWord = knownWord('.');
  let cwd = command.cwd;
  for (const move of git.moves) {
    const reason = refuseTarget(move, { name: 'git', cwd }, policy, true, links);
    if (reason !== null) return reason;
    at = move.text.startsWith('/') ? move : { ...move, text: `${at.text}/${move.text}` };
  }
  const from = refuseTarget(at, { name: 'git', cwd }, policy, true, links);
  if (from !== null) return from;
  cwd = git.moves.length === 0 ? cwd : policy.canonical(at.text.startsWith('/') ? at.text : `${cwd ?? ''}/${at.text}`);
  const named = [...git.folders, ...gitVariables(command)];
  return firstReason(named, (folder) => refuseTarget(folder, { name: 'git', cwd }, policy, true, links));
}

/** Folders that variables give to git. */
function gitVariables(command: GuardedCommand): readonly ShellWord[] {
  return Object.entries(command.environment).flatMap(([name, values]) => {
    if (!/^GIT_(?:DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES)$/.test(name))
      return [];
    return values === null ? [{ ...knownWord(name), dynamic: true }] : values.map(knownWord);
  });
}

function isGlobalInstall(command: GuardedCommand): boolean {
  if (!['npm', 'pnpm', 'yarn', 'bun'].includes(command.name)) return false;
  const words = texts(command);
  const installs = INSTALLERS[command.name] ?? [];
  const global = words.some((text) => /^(?:-g|--global|--location=global)$/.test(text)) || words[0] === 'global';
  return global && words.some((text) => installs.includes(text));
}

function isDevice(target: ShellWord, cwd: string | null, policy: GuardPolicy): boolean {
  if (!target.text.startsWith('/') && cwd === null) return false;
  return isInside(policy.canonical(target.text.startsWith('/') ? target.text : `${cwd}/${target.text}`), DEVICE_FOLDER);
}

/** True when the command begins with the words of a configured gate, or of one part of a gate that chains commands. */
function isQualityGate(command: GuardedCommand, gates: readonly string[]): boolean {
  return gates.some((gate) => startsLike(command, gate));
}

const NOWHERE: ShellPlace = {
  cwd: '/',
  variables: {},
  resolve: (folder, path) => (path.startsWith('/') ? path : `${folder}/${path}`),
  isFolder: () => true,
  topFolder: () => null,
  scratch: '/tmp',
};

/** True when a command begins with the words of a line, or of one command of that line. */
function startsLike(command: GuardedCommand, line: string): boolean {
  const words = [command.name, ...texts(command)];
  return readCommandLine(line, NOWHERE).commands.some((part) => {
    const wanted = [part.name, ...texts(part)];
    return part.name !== '' && wanted.every((word, index) => words[index] === word);
  });
}

function texts(command: GuardedCommand): readonly string[] {
  return command.args.map((word) => word.text);
}

function positional(words: readonly string[], optionsWithValue: readonly string[]): readonly string[] {
  return words.filter((text, index) => !text.startsWith('-') && !optionsWithValue.includes(words[index - 1] ?? ''));
}

function firstReason<Item>(items: readonly Item[], check: (item: Item) => string | null): string | null {
  for (const item of items) {
    const reason = check(item);
    if (reason !== null) return reason;
  }
  return null;
}
