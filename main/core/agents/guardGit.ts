import { branchName } from '../worktrees/names.ts';
import type { ShellWord } from './guardLexer.ts';
import { GIT_COORDINATION, GIT_READS } from './guardRules.ts';

/** A git command with its global options read. */
export interface GitCommand {
  readonly subcommand: string;
  readonly args: readonly ShellWord[];
  /** Words of `-C`, `--work-tree` and `--git-dir`: where git would work instead. */
  readonly folders: readonly ShellWord[];
  /** True when the subcommand is only known when it runs, or hidden behind an alias. */
  readonly hidden: boolean;
}

/** Global options of git whose value is a word of its own. */
const GLOBAL_WITH_VALUE = ['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--exec-path', '--config-env'];
const FOLDER_OPTIONS = ['-C', '--git-dir', '--work-tree'];

/** Takes git's global options off and finds the subcommand. */
export function readGit(args: readonly ShellWord[]): GitCommand {
  const folders: ShellWord[] = [];
  let hidden = false;
  let index = 0;
  for (; index < args.length; index += 1) {
    const word = args[index];
    if (word === undefined || !word.text.startsWith('-')) break;
    const [option = '', inline] = splitOption(word.text);
    if (!GLOBAL_WITH_VALUE.includes(option)) continue;
    const value = inline === undefined ? args[index + 1] : { ...word, text: inline };
    if (inline === undefined) index += 1;
    if (value === undefined) continue;
    if (FOLDER_OPTIONS.includes(option)) folders.push(value);
    if (option === '-c' && (value.dynamic || /^alias\./i.test(value.text))) hidden = true;
  }
  const subcommand = args[index];
  return {
    subcommand: subcommand?.text ?? '',
    args: args.slice(index + 1),
    folders,
    hidden: hidden || (subcommand?.dynamic ?? false),
  };
}

/** Why a git command is refused to every role, or null (spec 02 §3.10 "danger"; stash and worktree are ours). */
export function gitDanger(git: GitCommand, agentName: string): string | null {
  const has = (...options: readonly string[]) => git.args.some((word) => options.includes(word.text));
  if (git.hidden) return 'this git command cannot be checked; write the subcommand out';
  switch (git.subcommand) {
    case 'push':
    case 'send-pack':
      return 'git push is not for agents: merged work is pushed by a person';
    case 'reset':
      return has('--hard') || git.args.some((word) => /^--har?$/.test(word.text))
        ? 'git reset --hard throws work away: commit, or restore single files with git restore'
        : null;
    case 'stash':
      return 'git stash is shared by all worktrees of this repository: commit to your branch instead';
    case 'update-ref':
      return git.args.some((word) => word.dynamic || /^(?:--stdin|refs\/(?:stash|overstory(?:\/.*)?))$/.test(word.text))
        ? 'snapshots and the shared stash are not for agents to change: leave refs/overstory and refs/stash alone'
        : null;
    case 'worktree':
      return git.args[0]?.text === 'list' ? null : 'worktrees are made and removed by ov, not by git worktree';
    case 'checkout':
    case 'switch':
      return newBranchRefusal(git, agentName);
    default:
      return null;
  }
}

/** True when the command leaves repository and files as they are; `coordination` may also add and commit. */
export function gitIsAllowedReadOnly(git: GitCommand, coordination: boolean): boolean {
  if (coordination && GIT_COORDINATION.includes(git.subcommand)) return true;
  if (git.subcommand === '') return true;
  if (git.args.some((word) => /^(?:-o|--output)(?:=|$)/.test(word.text))) return false;
  if (git.subcommand === 'branch') return branchOnlyLists(git.args);
  if (git.subcommand === 'symbolic-ref') return git.args.filter((word) => !word.text.startsWith('-')).length <= 1;
  if (git.subcommand === 'worktree' || git.subcommand === 'stash') return git.args[0]?.text === 'list';
  if (git.subcommand === 'tag' || git.subcommand === 'remote')
    return git.args.every((word) => /^-[lv]$|^--list$/.test(word.text));
  if (git.subcommand === 'config') return git.args.some((word) => /^(?:--get.*|--list|-l|get|list)$/.test(word.text));
  if (git.subcommand === 'fetch') return false;
  return GIT_READS.includes(git.subcommand);
}

/** True when the command changes files, the index or refs of the repository it works in. */
export function gitChanges(git: GitCommand): boolean {
  return !gitIsAllowedReadOnly(git, false);
}

const BRANCH_LISTING =
  /^(?:-a|-r|-l|-v|-vv|-av|-rv|--all|--remotes|--list|--verbose|--show-current|--no-color|--color(?:=.*)?|--column(?:=.*)?|--(?:no-)?(?:contains|merged)(?:=.*)?|--points-at(?:=.*)?|--sort(?:=.*)?|--format(?:=.*)?|--ignore-case|-i)$/;
const BRANCH_FILTERS =
  /^(?:-l|--list|-a|-r|-av|-rv|--all|--remotes|--(?:no-)?(?:contains|merged)|--points-at|--sort|--format)$/;

function branchOnlyLists(args: readonly ShellWord[]): boolean {
  if (args.some((word) => word.text.startsWith('-') && !BRANCH_LISTING.test(word.text))) return false;
  const plain = args.filter((word) => !word.text.startsWith('-'));
  return plain.length === 0 || args.some((word) => BRANCH_FILTERS.test(word.text));
}

function newBranchRefusal(git: GitCommand, agentName: string): string | null {
  const create =
    git.subcommand === 'checkout' ? /^-[a-zA-Z]*[bB]|^--orphan/ : /^-[a-zA-Z]*[cC]|^--(?:create|force-create|orphan)/;
  const index = git.args.findIndex((word) => create.test(word.text));
  if (index < 0) return null;
  const option = git.args[index]?.text ?? '';
  const inline = option.startsWith('--')
    ? splitOption(option)[1]
    : option.replace(/^-[a-zA-Z]*?[bBcC]/, '') || undefined;
  const name = inline ?? git.args[index + 1]?.text ?? '';
  const own = branchName(agentName, '');
  return name.startsWith(own) ? null : `new branches must be named ${own}..., not ${name}`;
}

function splitOption(text: string): readonly [string, string | undefined] {
  const equals = text.indexOf('=');
  return equals < 0 || !text.startsWith('--') ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}
