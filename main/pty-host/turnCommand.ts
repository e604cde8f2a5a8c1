import type { RunOnTerminal } from './protocol.ts';

/**
 * Lets the file `$1` come in through a pipe: Claude Code reads nothing from a regular file and ends with 0 and no output
 * (seen with 2.1.197). The writer belongs to nobody in this process, so that no child is left to be reaped; without a pipe
 * the file itself is better than nothing.
 */
const PIPED =
  'rm -f "$1.pipe"; if mkfifo -m 600 "$1.pipe"; then (cat <"$1" >"$1.pipe" &); exec <"$1.pipe"; rm -f "$1.pipe"; else exec <"$1"; fi';
/** Points stdin and stdout at files and becomes the command. Nothing is ever pasted into these texts: files and command are arguments. */
const BOTH = `exec >>"$2"; ${PIPED}; shift 2; exec "$@"`;
const STDIN_ONLY = `${PIPED}; shift; exec "$@"`;
/** The same without any input. */
const NO_INPUT = 'exec </dev/null >>"$1"; shift; exec "$@"';
const NOTHING = 'exec </dev/null; exec "$@"';

/** Name the shell gives itself in "not found" and "permission denied" lines. */
const SHELL_NAME = 'start';

/**
 * Command line that runs a turn's process with a file piped to its stdin and stdout appended to one, while stderr and the
 * controlling terminal stay the pty. Redirections use positional arguments only, so no shell variable can reach the
 * process; `exec` makes the process the session leader itself, with the pid node-pty reports. A command that does not
 * exist ends with 127, one that may not be executed with 126, and the shell's line says why on the terminal.
 *
 * Windows has no such wrapper: `cmd` cannot take the names as data. Turns there need a launcher of their own that opens
 * the files and inherits them; until then `null` says that it cannot be done.
 */
export function turnCommand(
  run: Pick<RunOnTerminal, 'argv' | 'stdinFile' | 'stdoutFile'>,
  platform: NodeJS.Platform,
): { readonly file: string; readonly args: readonly string[] } | null {
  if (platform === 'win32') return null;
  return { file: '/bin/sh', args: ['-c', ...redirected(run)] };
}

function redirected(run: Pick<RunOnTerminal, 'argv' | 'stdinFile' | 'stdoutFile'>): readonly string[] {
  const { stdinFile, stdoutFile, argv } = run;
  if (stdinFile === null) {
    return stdoutFile === null ? [NOTHING, SHELL_NAME, ...argv] : [NO_INPUT, SHELL_NAME, stdoutFile, ...argv];
  }
  return stdoutFile === null
    ? [STDIN_ONLY, SHELL_NAME, stdinFile, ...argv]
    : [BOTH, SHELL_NAME, stdinFile, stdoutFile, ...argv];
}
