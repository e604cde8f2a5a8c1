import { LOG_LEVELS, type LogEntry, type LogLevelName } from '../../../contract/health.ts';

/** What a reader wants to see of a log. */
export interface LogFilter {
  /** Lines below it are left out. */
  readonly level: LogLevelName;
  /** Only lines about this agent; undefined: all. */
  readonly about: string | undefined;
  /** Text that must be in the line, in any case of letters. */
  readonly search: string;
}

/** Characters of a message and of its facts that are shown. */
const MESSAGE_CHARACTERS = 4_000;
const FACTS_CHARACTERS = 4_000;

/** Numbers of pino's levels, the highest first. */
const PINO_LEVELS: readonly (readonly [number, LogLevelName])[] = [
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
  [0, 'debug'],
];

type Parts = Omit<LogEntry, 'id'>;

/** A line of the engine's log: pino's JSON. A line that is none is shown as it is, as a warning. */
export function engineLine(text: string): Parts {
  const line = parseObject(text);
  if (line === null) return plain('warn', text, null, null);
  const { level, time, msg, ...facts } = line;
  const agent = [facts.agent, facts.agentName].find((name) => typeof name === 'string');
  return {
    at: isTime(time) ? time : null,
    level: levelOf(level),
    agent: typeof agent === 'string' ? agent : null,
    turn: null,
    message: cut(typeof msg === 'string' ? msg : '', MESSAGE_CHARACTERS),
    facts: cut(factsText(facts), FACTS_CHARACTERS),
  };
}

/**
 * A line an agent's runtime printed: said, called, answered. The level says what it is to a reader: errors are failed calls and
 * results, info is what was said, debug the rest of the protocol.
 */
export function turnLine(text: string, agent: string, turn: string): Parts {
  const line = parseObject(text);
  if (line === null) return plain('warn', text, agent, turn);
  const at = isTime(line.timestamp) ? line.timestamp : null;
  const { level, message } = summaryOf(line);
  return { at, level, agent, turn, message: cut(message, MESSAGE_CHARACTERS), facts: cut(text, FACTS_CHARACTERS) };
}

/** A line of a turn's terminal: standard error, and whatever wrote to the tty. */
export function terminalLine(text: string, agent: string, turn: string): Parts | null {
  const shown = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what has to go.
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b[@-_]/g, '')
    .split('\r')
    .findLast((part) => part.trim() !== '');
  return shown === undefined ? null : plain('warn', shown, agent, turn);
}

/** True when a reader wants this line. */
export function wanted(entry: Parts, filter: LogFilter): boolean {
  if (LOG_LEVELS.indexOf(entry.level) < LOG_LEVELS.indexOf(filter.level)) return false;
  if (filter.about !== undefined && entry.agent !== filter.about && !entry.message.includes(filter.about)) return false;
  if (filter.search === '') return true;
  const search = filter.search.toLowerCase();
  return `${entry.message}\n${entry.facts}`.toLowerCase().includes(search);
}

function plain(level: LogLevelName, text: string, agent: string | null, turn: string | null): Parts {
  return { at: null, level, agent, turn, message: cut(text, MESSAGE_CHARACTERS), facts: '' };
}

function levelOf(level: unknown): LogLevelName {
  if (typeof level === 'number') return PINO_LEVELS.find(([least]) => level >= least)?.[1] ?? 'debug';
  return LOG_LEVELS.find((name) => name === level) ?? 'info';
}

type Line = Readonly<Record<string, unknown>>;

/** What a line of the event stream says, in words. */
function summaryOf(line: Line): { readonly level: LogLevelName; readonly message: string } {
  const { type, subtype } = line;
  const name = [type, subtype].filter((part) => typeof part === 'string').join(' ');
  if (type === 'result') {
    const failed = line.is_error === true || (typeof subtype === 'string' && subtype.startsWith('error'));
    return { level: failed ? 'error' : 'info', message: `${name}: ${textOf(line.result) || textOf(line.error)}` };
  }
  if (type === 'error') return { level: 'error', message: `${name}: ${textOf(line.message) || textOf(line.error)}` };
  const blocks = blocksOf(line);
  if (blocks.length === 0) return { level: 'debug', message: name === '' ? 'event' : name };
  const said = blocks.map(blockText);
  const failed = blocks.some((block) => block.is_error === true);
  const speaks = type === 'assistant' && blocks.some((block) => block.type === 'text');
  return { level: failed ? 'error' : speaks ? 'info' : 'debug', message: said.join(' · ') };
}

function blocksOf(line: Line): readonly Line[] {
  const { message } = line;
  const content = isObject(message) ? message.content : undefined;
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? content.filter(isObject) : [];
}

function blockText(block: Line): string {
  if (block.type === 'tool_use') return `${String(block.name ?? 'tool')} ${textOf(block.input)}`;
  if (block.type === 'tool_result') return `answer: ${textOf(block.content)}`;
  return textOf(block.text) || textOf(block.thinking) || String(block.type ?? 'block');
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function factsText(facts: Line): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function isObject(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // Not JSON: it is shown as the text it is.
    return null;
  }
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(value);
}

function cut(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
}
