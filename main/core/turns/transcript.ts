import { neutralise, neutralLine as oneLine } from '../../platform/neutralText.ts';
import type { AgentEvent } from '../runtimes/adapter.ts';
import { type ResultTone, readableResult } from './resultText.ts';

/** Select graphic rendition codes; only the sixteen theme colours, so that both themes stay readable. */
const BOLD = '\x1b[1m';
const DIM = '\x1b[90m';
const RED = '\x1b[31m';
const GREEN = '\x1b[32m';
const YELLOW = '\x1b[33m';
const BLUE = '\x1b[34m';
const RESET = '\x1b[0m';
const END = '\r\n';

/** Lines of a tool's output that are drawn; the whole of it is in the turn's log. */
const RESULT_LINES = 8;
/** Lines of an edit that are drawn on each side. */
const EDIT_LINES = 6;
/** Characters of one drawn line. A longer one says nothing to a reader and costs every viewer. */
const LINE_LENGTH = 400;

/** What is drawn when a turn starts. */
export function turnHeader(facts: {
  readonly number: number;
  readonly startedAt: string;
  readonly mails: number;
  readonly runtime: string;
  readonly resumeId: string | null;
  readonly attempt: number;
}): string {
  const parts = [
    `turn ${facts.number} started`,
    facts.mails === 1 ? '1 mail injected' : `${facts.mails} mails injected`,
    facts.resumeId === null ? `new conversation · ${facts.runtime}` : `resume ${facts.resumeId.slice(0, 8)}`,
  ];
  if (facts.attempt > 1) parts.push(`attempt ${facts.attempt}`);
  return `${DIM}${facts.startedAt.slice(11, 19)}  ${parts.map(oneLine).join(' · ')}${RESET}${END}`;
}

/** What is drawn when a turn has ended. */
export function turnFooter(facts: {
  readonly kind: string;
  readonly reason: string;
  readonly endedAt: string;
  readonly costUsd: number | null;
}): string {
  const colour = facts.kind === 'dead' || facts.kind === 'retry' ? RED : facts.kind === 'done' ? GREEN : DIM;
  const cost = facts.costUsd === null ? '' : ` · $${facts.costUsd.toFixed(2)}`;
  return `${colour}${facts.endedAt.slice(11, 19)}  ${oneLine(facts.reason)}${cost}${RESET}${END}${END}`;
}

/** Draws one event as terminal text; empty for events that say nothing to a reader. */
export function drawEvent(event: AgentEvent): string {
  switch (event.type) {
    case 'assistant_message':
      return lines(event.text, Number.POSITIVE_INFINITY)
        .map((line) => `${BOLD}${line}${RESET}${END}`)
        .join('');
    case 'tool_use':
      return drawToolUse(event.name, event.input);
    case 'tool_result':
      return drawResult(event.content, event.isError);
    case 'result':
      return event.isError
        ? `${RED}✗ ${clip(neutralise(event.errors[0] ?? event.result).split('\n')[0] ?? '')}${RESET}${END}`
        : '';
    case 'retry':
      return `${YELLOW}◐ ${oneLine(event.error)}: attempt ${event.attempt} of ${event.maxRetries} in ${Math.round(event.delayMs / 1000)} s${RESET}${END}`;
    case 'error':
      return `${RED}✗ ${clip(oneLine(event.message))}${RESET}${END}`;
    case 'status':
    case 'other':
      return '';
  }
}

/** One line that says what a tool call does, for the agent's second line and the transcript: "Edit src/mail/send.ts". */
export function describeToolUse(name: string, input: Readonly<Record<string, unknown>>): string {
  const subject =
    input.file_path ??
    input.notebook_path ??
    input.path ??
    input.command ??
    input.pattern ??
    input.query ??
    input.url ??
    input.description;
  const text = typeof subject === 'string' ? subject : '';
  const first = text.slice(0, LINE_LENGTH).trim().split('\n')[0] ?? '';
  return oneLine(`${name.slice(0, LINE_LENGTH)} ${shortenPaths(first)}`.trim()).slice(0, 160);
}

/**
 * Paths as the agent's own work sees them: inside its worktree from there, and what else is of ours from the project's folder.
 * Everybody knows where that is.
 */
export function shortenPaths(text: string): string {
  return text.replace(
    /[^\s'"`]*[\\/](\.overstory[\\/])(worktrees[\\/][^\s\\/'"`]+[\\/])?/g,
    (_path, ours: string, worktree: string | undefined) => (worktree === undefined ? ours : ''),
  );
}

function drawToolUse(name: string, input: Readonly<Record<string, unknown>>): string {
  const description = describeToolUse(name, input);
  const subject = description.slice(oneLine(name).length).trim();
  let drawn = `${BLUE}●${RESET} ${BLUE}${oneLine(name)}${RESET}  ${subject}`;
  const before = typeof input.old_string === 'string' ? lines(input.old_string, EDIT_LINES) : [];
  const after = typeof input.new_string === 'string' ? lines(input.new_string, EDIT_LINES) : [];
  if (before.length > 0 || after.length > 0)
    drawn += `  ${GREEN}+${countLines(input.new_string)}${RESET} ${RED}-${countLines(input.old_string)}${RESET}`;
  else if (typeof input.content === 'string') drawn += `  ${DIM}${countLines(input.content)} lines${RESET}`;
  drawn += END;
  for (const line of before) drawn += `  ${RED}- ${line}${RESET}${END}`;
  for (const line of after) drawn += `  ${GREEN}+ ${line}${RESET}${END}`;
  return drawn;
}

const TONES: Readonly<Record<ResultTone, string>> = { plain: DIM, good: GREEN, bad: RED };

function drawResult(content: string, isError: boolean): string {
  const { lines: shown, more } = readableResult(content, RESULT_LINES);
  let drawn = shown
    .map(({ tone, text }) => {
      // Cut first: a line may have megabytes, of which a few hundred characters are drawn.
      const line = shortenPaths(text.slice(0, LINE_LENGTH + 1).replace(/\r$/, ''));
      return `  ${isError ? RED : TONES[tone]}${clip(oneLine(line))}${RESET}${END}`;
    })
    .join('');
  if (more > 0) drawn += `  ${DIM}… ${moreLines(more)}${RESET}${END}`;
  return drawn;
}

function lines(text: string, limit: number): string[] {
  const all = neutralise(text).replace(/\n+$/, '').split('\n');
  const shown = all.slice(0, limit).map((line) => (limit === Number.POSITIVE_INFINITY ? line : clip(line)));
  if (all.length > limit) shown.push(`… ${moreLines(all.length - limit)}`);
  return shown;
}

function countLines(text: unknown): number {
  return typeof text === 'string' && text !== '' ? text.replace(/\n$/, '').split('\n').length : 0;
}

function clip(line: string): string {
  return line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line;
}

function moreLines(count: number): string {
  return count === 1 ? '1 more line' : `${count} more lines`;
}
