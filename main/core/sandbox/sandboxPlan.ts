/** What a turn's sandbox is made from. All paths are absolute and real: links resolved. */
export interface SandboxFacts {
  /** Folder the turn works in. */
  readonly cwd: string;
  /** The agent's worktree; null for an agent of the project root, which changes no files. */
  readonly worktree: string | null;
  readonly projectRoot: string;
  /** `.git` of the repository. */
  readonly gitCommonFolder: string;
  /** The worktree's own git folder, `.git/worktrees/<name>`; null for an agent of the project root. */
  readonly gitFolder: string | null;
  /** Folder of the agent's branches below `refs/heads`, such as `overstory/b1`; null when it has none. */
  readonly branchFolder: string | null;
  /** True for roles that may commit in the project's own checkout. */
  readonly commitsAtRoot: boolean;
  /** Further places the runtime writes to: its conversations and settings. They have to exist. */
  readonly runtimePlaces: readonly string[];
  /** Folders below the private temporary folder that stay visible, such as one with the engine's socket. */
  readonly visible: readonly string[];
  /** Files in the worktree that stay as they are; they have to exist. */
  readonly sealed: readonly string[];
  /** False cuts the network off, model and all; unix sockets go on working. */
  readonly network: boolean;
}

/** The system's own temporary folder, private to each turn. */
const TEMPORARY = '/tmp';

/**
 * Starts bubblewrap, hands an interrupt on to what runs inside (bubblewrap itself would only die of it) and ends as it
 * ended. `$@` is bubblewrap with its arguments; a job in the background would have standard input taken away.
 */
const SUPERVISED =
  'exec 3<&0; "$@" <&3 3<&- & outer=$!; exec 3<&-; ' +
  'trap \'read -r inside rest <"/proc/$outer/task/$outer/children" && kill -INT "$inside"\' INT; ' +
  'while :; do wait "$outer"; status=$?; kill -0 "$outer" 2>/dev/null || break; done; exit "$status"';

/** Undoes that a shell's background job ignores interrupts. */
const INTERRUPTIBLE = ['env', '--default-signal=INT'];

/**
 * The command that runs a turn inside of bubblewrap: everything can be read, only the worktree, what git needs for commits
 * on the agent's own branch, and the runtime's own places can be written; `/tmp` is private. Processes stay visible from
 * outside, because the watchdog and the ending of turns look for them there.
 */
export function sandboxCommand(argv: readonly string[], facts: SandboxFacts): readonly string[] {
  return ['/bin/sh', '-c', SUPERVISED, 'sandbox', 'bwrap', ...sandboxArguments(facts), '--', ...INTERRUPTIBLE, ...argv];
}

/** bubblewrap's arguments; a later one covers an earlier one. */
export function sandboxArguments(facts: SandboxFacts): readonly string[] {
  const writable = (path: string): readonly string[] => ['--bind', path, path];
  const readOnly = (path: string): readonly string[] => ['--ro-bind', path, path];
  const shown = [facts.projectRoot, facts.gitCommonFolder, ...facts.visible].filter(isTemporary);
  return [
    ...readOnly('/'),
    '--dev-bind',
    '/dev',
    '/dev',
    '--tmpfs',
    TEMPORARY,
    // A project in the temporary folder would be gone with it.
    ...unique(shown).flatMap(readOnly),
    ...(facts.worktree === null ? [] : writable(facts.worktree)),
    ...facts.sealed.flatMap(readOnly),
    ...unique(gitPlaces(facts)).flatMap(writable),
    ...unique(facts.runtimePlaces).flatMap(writable),
    ...(facts.network ? [] : ['--unshare-net']),
    '--setenv',
    'TMPDIR',
    TEMPORARY,
    '--setenv',
    'XDG_CACHE_HOME',
    `${TEMPORARY}/cache`,
    '--setenv',
    'npm_config_cache',
    `${TEMPORARY}/npm`,
    '--chdir',
    facts.cwd,
  ];
}

/** What git writes when an agent commits: objects, its own index and HEAD, and its own branches with their history. */
export function gitPlaces(facts: SandboxFacts): readonly string[] {
  const { gitCommonFolder, gitFolder, branchFolder, worktree } = facts;
  if (worktree === null) return facts.commitsAtRoot ? [gitCommonFolder] : [];
  const branches =
    branchFolder === null
      ? []
      : [`${gitCommonFolder}/refs/heads/${branchFolder}`, `${gitCommonFolder}/logs/refs/heads/${branchFolder}`];
  return [`${gitCommonFolder}/objects`, ...(gitFolder === null ? [] : [gitFolder]), ...branches];
}

function isTemporary(path: string): boolean {
  return path === TEMPORARY || path.startsWith(`${TEMPORARY}/`);
}

function unique(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)];
}
