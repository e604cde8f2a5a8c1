import type { RunOnTerminal } from './protocol.ts';

/** Points stdin and stdout at files and becomes the command. Nothing is ever pasted into these texts: files and command are arguments. */
const BOTH = 'exec <"$1" >>"$2"; shift 2; exec "$@"';
const STDIN_ONLY = 'exec <"$1"; shift; exec "$@"';

/** Name the shell gives itself in "not found" and "permission denied" lines. */
const SHELL_NAME = 'start';

/**
 * Command line that runs a turn's process with stdin from a file and stdout appended to one, while stderr and the
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
  const stdin = run.stdinFile ?? '/dev/null';
  const args =
    run.stdoutFile === null
      ? ['-c', STDIN_ONLY, SHELL_NAME, stdin, ...run.argv]
      : ['-c', BOTH, SHELL_NAME, stdin, run.stdoutFile, ...run.argv];
  return { file: '/bin/sh', args };
}
