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

/** Commands of our own and of the trackers: always allowed to every role. */
export const OWN_COMMANDS: readonly string[] = ['ov', 'overstory', 'bd', 'sd', 'mulch', 'ml'];

/** Commands that change files, and which of their words name what is changed. */
export const FILE_COMMANDS: Readonly<Record<string, 'all' | 'last'>> = {
  mv: 'all',
  rm: 'all',
  rmdir: 'all',
  unlink: 'all',
  rimraf: 'all',
  del: 'all',
  mkdirp: 'all',
  mkfifo: 'all',
  mknod: 'all',
  fallocate: 'all',
  setfacl: 'all',
  chattr: 'all',
  gzip: 'all',
  gunzip: 'all',
  bzip2: 'all',
  bunzip2: 'all',
  xz: 'all',
  unxz: 'all',
  zstd: 'all',
  split: 'last',
  csplit: 'last',
  sqlite3: 'all',
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
  'rimraf',
  'del',
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
  python2: ['-c'],
  python3: ['-c'],
  perl: ['-e', '-E', '-i'],
  ruby: ['-e', '-i'],
  php: ['-r'],
  lua: ['-e'],
  tclsh: ['-c'],
  osascript: ['-e'],
  awk: [],
  gawk: [],
  mawk: [],
};

/** Options of other programs whose value is a file or folder they write. */
export const OUTPUT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  curl: ['-o', '--output', '--output-dir', '-D', '--dump-header', '-c', '--cookie-jar'],
  wget: ['-O', '--output-document', '-P', '--directory-prefix', '-o', '--output-file', '-a'],
  tar: ['-C', '--directory'],
  unzip: ['-d'],
  '7z': ['-o'],
  sort: ['-o', '--output'],
  patch: ['-d', '--directory', '-o', '--output'],
  gcc: ['-o'],
  cc: ['-o'],
  clang: ['-o'],
  go: ['-o'],
  openssl: ['-out'],
  'ssh-keygen': ['-f'],
  find: ['-fprint', '-fprint0', '-fprintf', '-fls'],
  make: ['-C', '--directory'],
  npm: ['--prefix', '-C'],
  pnpm: ['-C', '--dir'],
  yarn: ['--cwd'],
  pip: ['--target', '-t', '--prefix', '--root'],
  pip3: ['--target', '-t', '--prefix', '--root'],
  jq: [],
  yq: [],
};

/** Programs that start work outside of the turn, where no guard is asked; refused to every role. */
export const LATER: Readonly<Record<string, string>> = {
  crontab: 'work is planned by ov, not by cron: say by mail what should happen later',
  at: 'work is planned by ov, not by at: say by mail what should happen later',
  batch: 'work is planned by ov, not by batch: say by mail what should happen later',
  'systemd-run': 'processes outside of your turn are not for agents: run the command plainly',
};

/** Programs that only read, whatever their arguments; about all others one cannot say what they do. */
export const READERS: ReadonlySet<string> = new Set(
  (
    '[ [[ test true false : echo printf cat tac head tail wc grep egrep fgrep rg ag ls dir tree stat file du df pwd cd pushd popd ' +
    'dirs sort uniq cut tr paste join comm diff cmp nl od xxd hexdump strings column fold fmt rev seq date cal sleep wait which whereis ' +
    'type command hash id whoami groups hostname uname arch nproc uptime free ps top pgrep env printenv set unset export declare ' +
    'typeset local readonly read shift return exit break continue let basename dirname realpath readlink jq yq md5sum sha1sum ' +
    'sha256sum sha512sum cksum b2sum less more man help info fd find locate tput clear history jobs fg bg kill getconf locale ' +
    'git ov overstory bd sd mulch ml sed trap alias unalias umask ulimit times shopt setopt mktemp zcat xzcat zgrep base64 tokei cloc bat'
  ).split(' '),
);

/** Places no agent writes to, below its worktree: what they hold decides what its own guard and git do. */
export const PROTECTED: readonly string[] = [
  '.git',
  '.claude/settings.json',
  '.claude/settings.local.json',
  '.pi/extensions/overstory-guard.ts',
  '.pi/settings.json',
  '.sapling/guards.json',
];

/** Places every role may write to through a redirection. */
export const DEVICE_FOLDER = '/dev';

/** Tracker commands whose issue must be the agent's own; the board is `ov task`. */
export const TRACKERS: readonly string[] = ['sd', 'bd'];
