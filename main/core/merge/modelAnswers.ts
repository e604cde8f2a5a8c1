import { fail, ok, type Result } from '../../../contract/result.ts';
import { hasMarkerLine, splitLines } from './conflictBlocks.ts';

/** Words an answer begins with that talks about the file instead of being it (spec 02 §2.5, prose detector). */
const OPENINGS = [
  'I ',
  'Here ',
  "Here's ",
  'The ',
  'This ',
  'Let me ',
  'Sure',
  'Unfortunately',
  'Apologies',
  'Sorry',
  'To resolve',
  'Looking at',
  'Based on',
  'After reviewing',
  'The conflict',
] as const;
const CONTRACTION = /^I'[a-z]+ /i;
const REFUSALS = ['I need permission', 'I cannot', "I don't have"] as const;
const FENCE = /^```/;

/**
 * True for an answer that is prose and no file (spec 02 §2.5). Lines of the conflicting versions never make it prose:
 * a text file may well begin with "The" or hold a code fence.
 */
export function looksLikeProse(answer: string, known: ReadonlySet<string> = new Set()): boolean {
  const text = answer.trim();
  if (text === '') return true;
  const lines = text.split('\n').map((line) => line.trimEnd());
  const first = lines[0] ?? '';
  if (!known.has(first.trim())) {
    const lower = first.toLowerCase();
    if (CONTRACTION.test(first) || OPENINGS.some((opening) => lower.startsWith(opening.toLowerCase()))) return true;
  }
  const news = lines.filter((line) => !known.has(line.trim()));
  return news.some((line) => FENCE.test(line)) || REFUSALS.some((words) => news.some((line) => line.includes(words)));
}

/** Every line of some texts, without the white space around it. */
export function linesOf(...texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => splitLines(text).map((line) => line.trim())));
}

/** What a model made of one file. */
export interface ModelAnswer {
  /** Replacements of the conflicting regions in order, or one text for the whole file; line ends are `\n`. */
  readonly parts: readonly string[];
  /** What it left out on purpose, in its own words. */
  readonly decisions: readonly string[];
}

const REGION = /^<<<region (\d+)>>>$/;
const END = /^<<<end>>>$/;
const DROPPED = /^<<<dropped>>> (.+)$/;

/** The lines an answer is written with, for the prompt. */
export const ANSWER_FORM = {
  region: (number: number): string => `<<<region ${number}>>>`,
  end: '<<<end>>>',
  dropped: '<<<dropped>>>',
} as const;

/**
 * Reads an answer that must hold the regions 1 to `count`, each once and in order, and nothing beside them but named
 * omissions. Where there is one part only it may stand alone. Refused: markers left in it, prose, a region missing.
 */
export function readAnswer(answer: string, count: number, known: ReadonlySet<string>): Result<ModelAnswer> {
  const lines = answer.replace(/\r\n/g, '\n').replace(/\n+$/, '').split('\n');
  const decisions: string[] = [];
  const parts: string[] = [];
  const outside: string[] = [];
  let open: string[] | null = null;
  for (const line of lines) {
    const region = REGION.exec(line.trim());
    if (open !== null) {
      if (END.test(line.trim())) {
        parts.push(joined(open));
        open = null;
      } else if (region !== null) return refused(`region ${parts.length + 1} has no end`);
      else open.push(line);
      continue;
    }
    const dropped = DROPPED.exec(line.trim());
    if (dropped !== null) decisions.push((dropped[1] ?? '').slice(0, 200));
    else if (region !== null) {
      if (Number(region[1]) !== parts.length + 1) return refused(`region ${parts.length + 1} is missing`);
      open = [];
    } else outside.push(line);
  }
  if (open !== null) return refused(`region ${parts.length + 1} has no end`);
  const rest = joined(outside);
  if (parts.length === 0 && count === 1) {
    // A bare answer: all of it is the one part.
    if (rest.trim() === '') return refused('the answer is empty');
    return checked({ parts: [rest], decisions }, known);
  }
  if (rest.trim() !== '') return refused('there is text beside the regions');
  if (parts.length !== count) return refused(`${parts.length} of ${count} regions were answered`);
  return checked({ parts, decisions }, known);
}

function checked(answer: ModelAnswer, known: ReadonlySet<string>): Result<ModelAnswer> {
  for (const part of answer.parts) {
    if (hasMarkerLine(part)) return refused('conflict markers are left in it');
    // An empty region is a decision to drop both sides, which the audit judges.
    if (part.trim() !== '' && looksLikeProse(part, known)) return refused('it is prose, not the content of a file');
  }
  return ok(answer);
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function refused(reason: string): Result<never> {
  return fail('merge', reason);
}
