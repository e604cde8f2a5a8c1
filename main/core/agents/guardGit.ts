import { branchName } from '../worktrees/names.ts';
import { knownWord, type ShellWord } from './guardExpand.ts';
import {
  COMMAND_SETTINGS,
  FOLDER_OPTIONS,
  GIT_COORDINATION,
  GIT_READS,
  GIT_REFUSED,
  GIT_WRITES,
  GLOBAL_WITH_VALUE,
  HARMLESS_SETTINGS,
} from './guardGitTables.ts';

/** A git command with its global options read. */
export interface GitCommand {
  readonly subcommand: string;
  readonly args: readonly ShellWord[];
  /** Words of `-C`, in order: each is seen from the one before. */
  readonly moves: readonly ShellWord[];
  /** Words of `--work-tree` and `--git-dir`: where git would work instead. */
  readonly folders: readonly ShellWord[];
  /** Values of `-c`. */
  readonly settings: readonly ShellWord[];
  /** True when the subcommand is only known when it runs. */
  readonly hidden: boolean;
}

/** Takes git's global options off and finds the subcommand. */
export function readGit(args: readonly ShellWord[]): GitCommand {
  const moves: ShellWord[] = [];
  const folders: ShellWord[] = [];
  const settings: ShellWord[] = [];
  let hidden = false;
  let index = 0;
  for (; index < args.length; index += 1) {
    const word = args[index];
    if (word === undefined || word.dynamic || !word.text.startsWith('-')) break;
    const [option = '', inline] = splitOption(word.text);
    if (option === '--exec-path' && inline !== undefined) hidden = true;
    if (!GLOBAL_WITH_VALUE.includes(option) || option === '--exec-path') continue;
    const value = inline === undefined ? args[index + 1] : { ...word, text: inline };
    if (inline === undefined) index += 1;
    if (value === undefined) continue;
    if (option === '-C') moves.push(value);
    else if (FOLDER_OPTIONS.includes(option)) folders.push(value);
    if (option === '-c') settings.push(value);
    if (option === '--config-env') hidden = true;
  }
  const subcommand = args[index];
  return {
    subcommand: subcommand?.text.toLowerCase() ?? '',
    args: args.slice(index + 1),
    moves,
    folders,
    settings,
    hidden: hidden || (subcommand?.dynamic ?? false) || (subcommand?.glob ?? false),
  };
}

/** Command lines that git itself runs: `rebase --exec`, `bisect run`, `submodule foreach`, editors and pagers given by `-c`. */
export function gitScripts(git: GitCommand): readonly ShellWord[] {
  const scripts: ShellWord[] = [];
  for (const setting of git.settings) {
    if (COMMAND_SETTINGS.test(setting.text)) scripts.push(afterEquals(setting));
  }
  const options = optionsThatRun(git.subcommand);
  for (const [index, word] of git.args.entries()) {
    const following = git.args[index + 1];
    if (options.includes(word.text) && following !== undefined) scripts.push(following);
    const inline = options.find((option) => option.startsWith('--') && word.text.startsWith(`${option}=`));
    if (inline !== undefined) scripts.push(afterEquals(word));
    const short = options.find((option) => !option.startsWith('--') && word.text.startsWith(option));
    if (short !== undefined && word.text !== short) scripts.push({ ...word, text: word.text.slice(short.length) });
  }
  const after = git.subcommand === 'bisect' ? 'run' : git.subcommand === 'submodule' ? 'foreach' : null;
  const at = git.args.findIndex((word) => word.text === after);
  if (at >= 0) {
    const words = git.args.slice(at + 1).filter((word) => word.text !== '--recursive' && word.text !== '--quiet');
    const dynamic = words.some((word) => word.dynamic);
    if (words.length > 0) scripts.push({ ...knownWord(words.map((word) => word.text).join(' ')), dynamic });
  }
  return scripts;
}

function optionsThatRun(subcommand: string): readonly string[] {
  switch (subcommand) {
    case 'rebase':
      return ['-x', '--exec'];
    case 'difftool':
      return ['-x', '--extcmd'];
    case 'grep':
      return ['-O', '--open-files-in-pager'];
    case 'clone':
      return ['-u', '--upload-pack'];
    case 'fetch':
    case 'pull':
    case 'ls-remote':
      return ['--upload-pack', '--exec'];
    case 'archive':
      return ['--exec'];
    default:
      return [];
  }
}

/** Why a git command is refused to every role, or null (spec 02 §3.10 "danger"; what worktrees share is ours). */
export function gitDanger(git: GitCommand, agentName: string): string | null {
  const { subcommand, args } = git;
  const first = args.find((word) => !word.text.startsWith('-'))?.text ?? '';
  if (git.hidden) return 'this git command cannot be checked; write the subcommand out';
  const setting = git.settings.find(
    (each) => each.dynamic || !(HARMLESS_SETTINGS.test(each.text) || COMMAND_SETTINGS.test(each.text)),
  );
  if (setting !== undefined) return `git -c ${setting.text} cannot be checked; leave that setting out`;
  if (subcommand === 'stash' && first === 'list') return GIT_REFUSED.stash ?? null;
  if (Object.hasOwn(GIT_REFUSED, subcommand)) return GIT_REFUSED[subcommand] ?? null;
  if (subcommand !== '' && !GIT_READS.has(subcommand) && !GIT_WRITES.has(subcommand))
    return `git ${subcommand} may be an alias of anything; write git's own command out`;
  switch (subcommand) {
    case 'reset':
      return resetRefusal(args);
    case 'update-ref':
      return updateRefRefusal(args, agentName);
    case 'symbolic-ref':
      return plainWords(args).length > 1 ? 'what HEAD stands for is changed by git switch only' : null;
    case 'worktree':
      return args[0]?.text === 'list' ? null : 'worktrees are made and removed by ov, not by git worktree';
    case 'checkout':
    case 'switch':
      return newBranchRefusal(git, agentName);
    case 'branch':
      return branchRefusal(args, agentName);
    case 'config':
      return configIsRead(args) ? null : 'the repository’s settings are shared by all worktrees: give one with git -c';
    case 'remote':
      return remoteIsRead(args) ? null : 'remotes are shared by all worktrees: leave them to a person';
    case 'fetch':
    case 'pull':
      return refspecRefusal(args, agentName);
    case 'lfs':
      return first === 'push' ? 'git push is not for agents: merged work is pushed by a person' : null;
    case 'tag':
      return args.some((word) => /^(?:-d|-f|--delete|--force)$/.test(word.text))
        ? 'tags are shared by all worktrees: deleting and moving them is not for agents'
        : null;
    case 'replace':
      return args.every((word) => /^-l$|^--list$/.test(word.text)) ? null : 'git replace changes history for everybody';
    case 'reflog':
    case 'maintenance':
      return first === 'expire' || first === 'delete' || subcommand === 'maintenance'
        ? 'objects are shared by all worktrees: cleaning them up is not for agents'
        : null;
    default:
      return null;
  }
}

/** True when the command leaves repository and files as they are; `coordination` may also add and commit. */
export function gitIsAllowedReadOnly(git: GitCommand, coordination: boolean): boolean {
  const { subcommand, args } = git;
  if (coordination && GIT_COORDINATION.includes(subcommand)) return true;
  if (subcommand === '') return true;
  if (gitOutputs(git).length > 0 || subcommand === 'format-patch') return args.some((word) => word.text === '--stdout');
  if (subcommand === 'branch') return branchOnlyLists(args);
  if (subcommand === 'symbolic-ref') return plainWords(args).length <= 1;
  if (subcommand === 'worktree') return args[0]?.text === 'list';
  if (subcommand === 'tag')
    return args.every((word) => /^-[ln]\d*$|^--(?:list|sort|contains|points-at)/.test(word.text));
  if (subcommand === 'remote') return remoteIsRead(args);
  if (subcommand === 'config') return configIsRead(args);
  if (subcommand === 'reflog') return args[0] === undefined || /^(?:show|exists)$/.test(args[0].text);
  if (subcommand === 'submodule') return args[0] === undefined || args[0].text === 'status';
  if (subcommand === 'notes') return args[0] === undefined || /^(?:list|show)$/.test(args[0].text);
  if (subcommand === 'bundle') return args[0]?.text === 'verify';
  if (subcommand === 'hash-object') return !args.some((word) => /^-[a-z]*w/.test(word.text));
  if (subcommand === 'apply') return args.some((word) => /^--(?:check|stat|numstat|summary)$/.test(word.text));
  return GIT_READS.has(subcommand);
}

/** True when the command changes files, the index or refs of the repository it works in. */
export function gitChanges(git: GitCommand): boolean {
  return !gitIsAllowedReadOnly(git, false);
}

/** Words that name a file or folder git writes to: `--output`, the folder of a clone, the file of a bundle. */
export function gitOutputs(git: GitCommand): readonly ShellWord[] {
  const outputs: ShellWord[] = [];
  for (const [index, word] of git.args.entries()) {
    const inline = /^--output(?:-directory)?=([\s\S]*)$/.exec(word.text)?.[1];
    if (inline !== undefined) outputs.push({ ...word, text: inline });
    const takes = ['archive', 'format-patch', 'diff', 'log', 'show'].includes(git.subcommand)
      ? /^-o$|^--output/
      : /^--output/;
    const following = git.args[index + 1];
    if (takes.test(word.text) && !word.text.includes('=') && following !== undefined) outputs.push(following);
  }
  const plain = plainWords(git.args);
  if (git.subcommand === 'clone' && plain[1] !== undefined) outputs.push(plain[1]);
  if (git.subcommand === 'init' && plain[0] !== undefined) outputs.push(plain[0]);
  if (git.subcommand === 'bundle' && plain[0]?.text === 'create' && plain[1] !== undefined) outputs.push(plain[1]);
  return outputs;
}

const BRANCH_LISTING =
  /^(?:-a|-r|-l|-v|-vv|-av|-rv|-vva|--all|--remotes|--list|--verbose|--show-current|--no-color|--color(?:=.*)?|--column(?:=.*)?|--(?:no-)?(?:contains|merged)(?:=.*)?|--points-at(?:=.*)?|--sort(?:=.*)?|--format(?:=.*)?|--ignore-case|-i)$/;
const BRANCH_FILTERS =
  /^(?:-l|--list|-a|-r|-av|-rv|--all|--remotes|--(?:no-)?(?:contains|merged)(?:=.*)?|--points-at|--sort|--format)$/;

function branchOnlyLists(args: readonly ShellWord[]): boolean {
  if (args.some((word) => word.text.startsWith('-') && !BRANCH_LISTING.test(word.text))) return false;
  return plainWords(args).length === 0 || args.some((word) => BRANCH_FILTERS.test(word.text));
}

/** Branches of one's own are free; all others belong to somebody else. */
function branchRefusal(args: readonly ShellWord[], agentName: string): string | null {
  if (branchOnlyLists(args)) return null;
  const plain = plainWords(args);
  const renames = args.some((word) => /^-[mMcC]$|^--(?:move|copy)$/.test(word.text));
  const deletes = args.some((word) => /^-[a-zA-Z]*[dD]|^--delete$/.test(word.text));
  // The second word of a new branch is where it begins.
  const named = deletes ? plain : renames ? plain.slice(0, 2) : plain.slice(0, 1);
  const stranger = named.find((word) => !isOwn(word, agentName));
  return stranger === undefined
    ? null
    : `branch ${stranger.text} is not yours: yours begin with ${branchName(agentName, '')}`;
}

function resetRefusal(args: readonly ShellWord[]): string | null {
  const hard = 'git reset --hard throws work away: commit, or restore single files with git restore';
  if (args.some((word) => /^--ha(?:r|rd)?$/.test(word.text))) return hard;
  const mode = args.some((word) => /^--(?:soft|mixed|keep|merge)$|^--$|^-p$|^--patch$/.test(word.text));
  // A word that is only known when it runs may be --hard.
  return !mode && args.some((word) => word.dynamic) ? `${hard}; write the mode out` : null;
}

function updateRefRefusal(args: readonly ShellWord[], agentName: string): string | null {
  const refs = 'refs other than your own branch are not for agents to change';
  if (args.some((word) => word.dynamic || word.text === '--stdin')) return refs;
  const ref = plainWords(args)[0];
  if (ref === undefined) return null;
  return ref.text.startsWith('refs/heads/') && isOwn({ ...ref, text: ref.text.slice(11) }, agentName) ? null : refs;
}

/** `git fetch origin main:main` moves a branch. */
function refspecRefusal(args: readonly ShellWord[], agentName: string): string | null {
  const moved = plainWords(args)
    .slice(1)
    .map((word) => /^\+?[^:]*:(?:refs\/heads\/)?(.+)$/.exec(word.text)?.[1])
    .find((name) => name !== undefined && !name.startsWith('refs/') && !isOwn(knownWord(name), agentName));
  return moved === undefined ? null : `branch ${moved} is not yours: fetch without naming a target`;
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
  const dynamic = git.args[inline === undefined ? index + 1 : index]?.dynamic ?? false;
  const own = branchName(agentName, '');
  return name.startsWith(own) && !dynamic ? null : `new branches must be named ${own}..., not ${name}`;
}

function configIsRead(args: readonly ShellWord[]): boolean {
  const reads = args.some((word) =>
    /^(?:--get(?:-all|-regexp|-urlmatch|-color|-colorbool)?|--list|-l|get|list|--show-origin|--show-scope)$/.test(
      word.text,
    ),
  );
  const writes = args.some((word) =>
    /^--(?:add|unset|unset-all|replace-all|rename-section|remove-section|edit)$|^-e$/.test(word.text),
  );
  if (writes) return false;
  // `git config user.name` alone prints the value.
  return reads || (plainWords(args).length === 1 && !/^(?:set|unset|edit)/.test(plainWords(args)[0]?.text ?? ''));
}

function remoteIsRead(args: readonly ShellWord[]): boolean {
  const first = plainWords(args)[0]?.text;
  return first === undefined || first === 'show' || first === 'get-url';
}

function isOwn(word: ShellWord, agentName: string): boolean {
  return !word.dynamic && word.text.startsWith(branchName(agentName, ''));
}

function plainWords(args: readonly ShellWord[]): readonly ShellWord[] {
  return args.filter((word) => !word.text.startsWith('-'));
}

function afterEquals(word: ShellWord): ShellWord {
  return { ...word, text: word.text.slice(word.text.indexOf('=') + 1) };
}

function splitOption(text: string): readonly [string, string | undefined] {
  const equals = text.indexOf('=');
  return equals < 0 || !text.startsWith('--') ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}
