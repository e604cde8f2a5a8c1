import { fail, ok, type Result } from '../../contract/result.ts';

/** Claude's headless flags, as far as the rehearsal agent takes part in them (real-agents.md §3). */
export interface Flags {
  readonly resume: string | null;
  readonly sessionId: string | null;
  readonly permissionMode: string;
  /** File with the hooks of this launch; null without one. */
  readonly settingsFile: string | null;
  readonly version: boolean;
  /** No `-p`: a person types at a terminal. */
  readonly interactive: boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Flags that take a value; those not named in the result are accepted and have no effect on a rehearsal. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  '--output-format',
  '--input-format',
  '--permission-mode',
  '--model',
  '--resume',
  '--session-id',
  '--settings',
  '--append-system-prompt-file',
  '--append-system-prompt',
]);
const WITHOUT_VALUE: ReadonlySet<string> = new Set(['-p', '--print', '--verbose', '--strict-mcp-config', '--version']);

/** Reads the command line; a wrong one is answered with claude's own words where it has some. */
export function parseFlags(argv: readonly string[]): Result<Flags> {
  const values = new Map<string, string>();
  const given = new Set<string>();
  for (let at = 0; at < argv.length; at++) {
    const [flag = '', ...inline] = (argv[at] ?? '').split('=');
    if (WITHOUT_VALUE.has(flag) && inline.length === 0) {
      given.add(flag);
    } else if (WITH_VALUE.has(flag)) {
      const value = inline.length > 0 ? inline.join('=') : argv[++at];
      if (value === undefined) return fail('validation', `error: option '${flag} <value>' argument missing`);
      values.set(flag, value);
    } else {
      return fail('validation', `error: unknown option '${argv[at]}'`);
    }
  }
  const flags: Flags = {
    resume: values.get('--resume') ?? null,
    sessionId: values.get('--session-id') ?? null,
    permissionMode: values.get('--permission-mode') ?? 'default',
    settingsFile: values.get('--settings') ?? null,
    version: given.has('--version'),
    interactive: !given.has('-p') && !given.has('--print'),
  };
  if (flags.version) return ok(flags);
  if (flags.sessionId !== null && !isUuid(flags.sessionId)) {
    return fail('validation', 'Error: Invalid session ID. Must be a valid UUID.');
  }
  if (flags.interactive) return ok(flags);
  for (const format of ['--output-format', '--input-format']) {
    if (values.get(format) !== 'stream-json') return fail('validation', `Error: ${format} must be stream-json`);
  }
  if (!given.has('--verbose')) {
    return fail('validation', 'Error: When using --print, --output-format=stream-json requires --verbose');
  }
  return ok(flags);
}

/** Session ids name files, so nothing but a UUID is ever one. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
