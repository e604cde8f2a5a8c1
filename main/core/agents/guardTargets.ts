import { isInside } from '../util/files.ts';
import type { GuardPolicy } from './guardDecision.ts';
import type { ShellWord } from './guardExpand.ts';
import { DEVICE_FOLDER, EDITORS, FILE_COMMANDS, OUTPUT_OPTIONS, PROTECTED } from './guardRules.ts';
import type { GuardedCommand } from './guardShell.ts';

/** Words of a command that name what it changes; null when it is no command that is known to change files. */
export function targetsOf(command: GuardedCommand): readonly ShellWord[] | null {
  const { name, args } = command;
  const texts = args.map((word) => word.text);
  const outputs = outputsOf(name, args);
  if (name === 'find') return findTargets(args, outputs);
  const kind = kindOf(name, texts);
  if (kind === null && !editsInPlace(name, texts) && !EDITORS.includes(name))
    return outputs.length > 0 ? outputs : null;
  return [...outputs, ...namedTargets(name, args, kind ?? 'all')];
}

function kindOf(name: string, texts: readonly string[]): 'all' | 'last' | null {
  const kind = Object.hasOwn(FILE_COMMANDS, name) ? (FILE_COMMANDS[name] ?? null) : null;
  // A hard link is the other file; `install -d` makes every folder it names.
  if (name === 'ln' && !texts.some((text) => /^-[a-zA-Z]*s|^--symbolic/.test(text))) return 'all';
  if (name === 'install' && texts.some((text) => /^-[a-zA-Z]*d|^--directory/.test(text))) return 'all';
  return kind;
}

function namedTargets(name: string, args: readonly ShellWord[], kind: 'all' | 'last'): readonly ShellWord[] {
  const targets: ShellWord[] = [];
  const plain: ShellWord[] = [];
  let optionsEnd = false;
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index];
    if (word === undefined) continue;
    const inline = /^(?:--target-directory=|of=)([\s\S]*)$/.exec(word.text)?.[1];
    const stuck = kind === 'last' ? /^-[a-zA-Z]*t(\/[\s\S]*|\.[\s\S]*)$/.exec(word.text)?.[1] : undefined;
    if (inline !== undefined || stuck !== undefined) targets.push({ ...word, text: inline ?? stuck ?? '' });
    else if (!optionsEnd && word.text === '--') optionsEnd = true;
    else if (!optionsEnd && /^(?:-[a-zA-Z]*t|--target-directory)$/.test(word.text) && kind === 'last') {
      const value = args[index + 1];
      if (value !== undefined) targets.push(value);
      index += 1;
    } else if (optionsEnd || word.dynamic || !word.text.startsWith('-')) plain.push(word);
  }
  if (name === 'dd') return targets;
  // `chmod u+x f`, `chown me f`: the first word is no file. `sed s/a/b/ f`: nor is the program.
  const first = /^(?:chmod|chown|chgrp|setfacl)$/.test(name) && plain.length > 1 ? 1 : 0;
  if (kind === 'all') return [...targets, ...plain.slice(first)];
  return targets.length > 0 ? targets : plain.slice(-1);
}

function findTargets(args: readonly ShellWord[], outputs: readonly ShellWord[]): readonly ShellWord[] | null {
  if (!args.some((word) => word.text === '-delete')) return outputs.length > 0 ? outputs : null;
  const first = args.findIndex((word) => /^[-(!]/.test(word.text));
  return [...args.slice(0, first < 0 ? undefined : first), ...outputs];
}

/** Values of options that name what a program writes, such as `curl -o`. */
export function outputsOf(name: string, args: readonly ShellWord[]): readonly ShellWord[] {
  const options = Object.hasOwn(OUTPUT_OPTIONS, name) ? (OUTPUT_OPTIONS[name] ?? []) : [];
  const outputs: ShellWord[] = [];
  for (const [index, word] of args.entries()) {
    for (const option of options) {
      const following = args[index + 1];
      if (word.text === option && following !== undefined) outputs.push(following);
      else if (option.startsWith('--') && word.text.startsWith(`${option}=`))
        outputs.push({ ...word, text: word.text.slice(option.length + 1) });
      else if (/^-[a-zA-Z]$/.test(option) && word.text.startsWith(option) && word.text.length > 2)
        outputs.push({ ...word, text: word.text.slice(2) });
    }
    // `-fsSLo file`
    const cluster = name === 'curl' || name === 'wget' ? /^-[a-zA-Z]+[oO]$/.test(word.text) : false;
    const following = args[index + 1];
    if (cluster && following !== undefined && (name === 'wget' || word.text.endsWith('o'))) outputs.push(following);
  }
  return outputs.filter((word) => word.text !== '-');
}

export function editsInPlace(name: string, texts: readonly string[]): boolean {
  if (name !== 'sed' && name !== 'gsed' && name !== 'perl' && name !== 'ruby') return false;
  return texts.some((text) => /^-[a-zA-Z0-9]*i/.test(text) || text.startsWith('--in-place'));
}

/**
 * Why a command may not change what a word names, or null.
 * @param strict when true a target that is only known when the command runs is refused too.
 * @param links places that became links earlier in the line.
 */
export function refuseTarget(
  word: ShellWord,
  command: Pick<GuardedCommand, 'name' | 'cwd'>,
  policy: GuardPolicy,
  strict: boolean,
  links: readonly string[] = [],
): string | null {
  if (word.dynamic || (command.cwd === null && !word.text.startsWith('/'))) {
    return strict ? `${command.name}: the target ${word.text} cannot be checked; write the path out` : null;
  }
  const place = REMOVES_LINKS.has(command.name)
    ? placeOfName(word.text, command.cwd, policy)
    : placeOf(word.text, command.cwd, policy);
  if (links.some((link) => isInside(place, link) && place !== link))
    return `${command.name}: ${word.text} leads through a link that this line makes; use it in a call of its own`;
  return refusePlace(place, word.text, policy);
}

/** These take a link away and leave what it leads to. */
const REMOVES_LINKS: ReadonlySet<string> = new Set(['rm', 'unlink']);

/** Place of the name itself: a link at its end is not followed, unless a slash says that what it leads to is meant. */
function placeOfName(path: string, cwd: string | null, policy: GuardPolicy): string {
  const [, folder = '', name = ''] = /^([\s\S]*\/)?([^/]*)$/.exec(path) ?? [];
  if (name === '' || name === '.' || name === '..') return placeOf(path, cwd, policy);
  const parent = placeOf(folder === '' ? '.' : folder, cwd, policy);
  return parent.endsWith('/') ? `${parent}${name}` : `${parent}/${name}`;
}

/** Canonical place of a path: links followed, `..` behind a link taken from where the link leads. */
export function placeOf(path: string, cwd: string | null, policy: GuardPolicy): string {
  return policy.canonical(path.startsWith('/') ? path : `${cwd ?? ''}/${path}`);
}

/** Why a place may not be written, or null. */
export function refusePlace(place: string, written: string, policy: GuardPolicy): string | null {
  const { worktree } = policy;
  if (worktree !== null && isInside(place, worktree)) return refuseProtected(place, written, worktree, policy);
  // A project may itself lie in a scratch folder: its main checkout stays off limits.
  if (isInside(place, policy.projectRoot)) return boundary(written, policy);
  const scratch = [DEVICE_FOLDER, ...policy.scratchFolders];
  return scratch.some((folder) => isInside(place, folder)) ? null : boundary(written, policy);
}

/** A folder that is the same in capitals holds `.GIT` too, so letters of either size are compared. */
export function refuseProtected(place: string, written: string, worktree: string, policy: GuardPolicy): string | null {
  if (place === worktree) return null;
  const relative = place.slice(worktree.length + 1).toLowerCase();
  const own = PROTECTED.find((path) => isInside(relative, path));
  if (own !== undefined) return `${written} decides what your own guard and git do: leave ${own} alone`;
  const projects = policy.rules?.protect.find((path) => isInside(relative, path.toLowerCase().replace(/\/+$/, '')));
  return projects === undefined
    ? null
    : `${written} is protected by this project (controlRoom.guards.protect: ${projects})`;
}

export function boundary(path: string, policy: GuardPolicy): string {
  return `PATH_BOUNDARY_VIOLATION: ${path} is outside of your worktree ${policy.worktree ?? ''}; write only inside of it`;
}
