/**
 * Rule tables of the guards (spec 02 §3.10), as data, so that every runtime adapter enforces the same thing. What a rule
 * means is in guardDecision.ts.
 */

/** Tools of a runtime that would start or steer helpers beside the fleet. `Agent` is what the wire calls `Task`. */
export const TEAM_TOOLS: readonly string[] = [
  'Task',
  'Agent',
  'TeamCreate',
  'TeamDelete',
  'SendMessage',
  'TaskCreate',
  'TaskUpdate',
  'TaskList',
  'TaskGet',
  'TaskOutput',
  'TaskStop',
];

/** Tools that wait for a person at a terminal nobody sits at. */
export const INTERACTIVE_TOOLS: readonly string[] = ['AskUserQuestion', 'EnterPlanMode', 'EnterWorktree'];

/** Tools that write a file, and the input field that names it. */
export const WRITE_TOOLS: Readonly<Record<string, string>> = {
  Write: 'file_path',
  Edit: 'file_path',
  MultiEdit: 'file_path',
  NotebookEdit: 'notebook_path',
};

/** Commands that run the command that follows them; their options are skipped. */
export const WRAPPERS: readonly string[] = [
  'env',
  'command',
  'builtin',
  'exec',
  'nohup',
  'sudo',
  'doas',
  'time',
  'nice',
  'ionice',
  'timeout',
  'stdbuf',
  'setsid',
  'busybox',
  'xargs',
  'watch',
  'unbuffer',
  'chronic',
];

/** Shells: what follows `-c` is a command line of its own. */
export const SHELLS: readonly string[] = ['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'fish'];

/** Commands of our own and of the trackers: always allowed to every role. */
export const OWN_COMMANDS: readonly string[] = ['ov', 'overstory', 'bd', 'sd', 'mulch', 'ml'];

/** Git subcommands that only read; `git branch` counts as long as it only lists. */
export const GIT_READS: readonly string[] = [
  'status',
  'log',
  'diff',
  'show',
  'blame',
  'branch',
  'rev-parse',
  'ls-files',
  'ls-tree',
  'merge-base',
  'merge-tree',
  'cat-file',
  'describe',
  'shortlog',
  'grep',
  'rev-list',
  'name-rev',
  'check-ignore',
  'check-attr',
  'for-each-ref',
  'show-ref',
  'symbolic-ref',
  'var',
  'version',
  'help',
  'count-objects',
];

/** What coordinating roles may do beyond reading: commit the project's metadata. */
export const GIT_COORDINATION: readonly string[] = ['add', 'commit'];

/** Commands that change files, and which of their words name what is changed. */
export const FILE_COMMANDS: Readonly<Record<string, 'all' | 'last'>> = {
  mv: 'all',
  rm: 'all',
  rmdir: 'all',
  unlink: 'all',
  mkdir: 'all',
  touch: 'all',
  chmod: 'all',
  chown: 'all',
  chgrp: 'all',
  truncate: 'all',
  shred: 'all',
  tee: 'all',
  dd: 'all',
  // These read their first words and write their last.
  cp: 'last',
  ln: 'last',
  install: 'last',
  rsync: 'last',
  scp: 'last',
};

/** Of these even a target that cannot be known in advance is refused: what they hit is gone. */
export const DESTRUCTIVE: readonly string[] = [
  'mv',
  'rm',
  'rmdir',
  'unlink',
  'shred',
  'truncate',
  'chmod',
  'chown',
  'chgrp',
  'dd',
];

/** Programs that edit files by hand. */
export const EDITORS: readonly string[] = ['vim', 'vi', 'nvim', 'nano', 'emacs', 'ed', 'ex', 'patch'];

/** Package managers and the subcommands that change the project. */
export const INSTALLERS: Readonly<Record<string, readonly string[]>> = {
  npm: ['install', 'i', 'ci', 'add', 'uninstall', 'remove', 'rm', 'update', 'link', 'publish', 'version'],
  pnpm: ['install', 'i', 'add', 'remove', 'update', 'link', 'publish'],
  yarn: ['install', 'add', 'remove', 'upgrade', 'link', 'publish'],
  bun: ['install', 'i', 'add', 'remove', 'update', 'link', 'publish'],
  pip: ['install', 'uninstall'],
  pip3: ['install', 'uninstall'],
  cargo: ['install', 'add', 'remove', 'publish'],
  go: ['install', 'get'],
};

/** Programs that run code given on the command line, and the options that do it. */
export const EVALUATORS: Readonly<Record<string, readonly string[]>> = {
  bun: ['-e', '--eval', '-p', '--print'],
  node: ['-e', '--eval', '-p', '--print', '-pe'],
  deno: ['eval'],
  python: ['-c'],
  python3: ['-c'],
  perl: ['-e', '-E', '-i'],
  ruby: ['-e', '-i'],
  php: ['-r'],
};

/** Places every role may write to through a redirection. */
export const DEVICE_FOLDER = '/dev';

/** Tracker commands whose issue must be the agent's own. */
export const TRACKERS: readonly string[] = ['sd', 'bd'];
