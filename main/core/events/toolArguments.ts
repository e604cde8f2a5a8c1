/** What may be stored of a tool call: the kept arguments, and one line for a person. */
export interface FilteredArguments {
  readonly args: Readonly<Record<string, unknown>>;
  readonly summary: string;
}

type Input = Readonly<Record<string, unknown>>;

interface Rule {
  readonly keep: readonly string[];
  readonly summary: (input: Input) => string;
}

/** Characters of a command that fit a line (spec 03 §1.4). */
const COMMAND_LENGTH = 80;

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function shorten(command: string): string {
  return command.length > COMMAND_LENGTH ? `${command.slice(0, COMMAND_LENGTH)}...` : command;
}

function lineRange({ offset, limit }: Input): string {
  if (isGiven(offset) && isGiven(limit)) return ` (lines ${offset}-${Number(offset) + Number(limit)})`;
  if (isGiven(offset)) return ` (from line ${offset})`;
  return isGiven(limit) ? ` (first ${limit} lines)` : '';
}

function within(path: unknown): string {
  return text(path) === '' ? '' : ` in ${text(path)}`;
}

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['Bash', { keep: ['command', 'description'], summary: (input) => `bash: ${shorten(text(input.command))}` }],
  [
    'Read',
    {
      keep: ['file_path', 'offset', 'limit'],
      summary: (input) => `read: ${text(input.file_path)}${lineRange(input)}`,
    },
  ],
  ['Write', { keep: ['file_path'], summary: (input) => `write: ${text(input.file_path)}` }],
  ['Edit', { keep: ['file_path'], summary: (input) => `edit: ${text(input.file_path)}` }],
  ['Glob', { keep: ['pattern', 'path'], summary: (input) => `glob: ${text(input.pattern)}${within(input.path)}` }],
  [
    'Grep',
    {
      keep: ['pattern', 'path', 'glob', 'output_mode'],
      summary: (input) => `grep: "${text(input.pattern)}"${within(input.path)}`,
    },
  ],
  ['WebFetch', { keep: ['url'], summary: (input) => `fetch: ${text(input.url)}` }],
  ['WebSearch', { keep: ['query'], summary: (input) => `search: ${text(input.query)}` }],
  [
    'Task',
    {
      keep: ['description', 'subagent_type'],
      summary: (input) => {
        const type = text(input.subagent_type);
        return `task: ${text(input.description)}${type === '' ? '' : ` (${type})`}`;
      },
    },
  ],
]);

/**
 * Keeps of a tool call what an event row may hold (spec 03 §1.4): paths, patterns, commands, addresses; never file
 * contents, edit texts or prompts. Undefined values are dropped, null is kept; an unknown tool keeps nothing.
 */
export function filterToolArguments(toolName: string, input: Input): FilteredArguments {
  const rule = RULES.get(toolName);
  if (rule === undefined) return { args: {}, summary: toolName };
  const args: Record<string, unknown> = {};
  for (const key of rule.keep) {
    const value = input[key];
    if (value !== undefined) args[key] = value;
  }
  return { args, summary: rule.summary(input) };
}
