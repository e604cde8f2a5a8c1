/** What a turn left behind, as far as it tells whether the agent waits for an answer nobody knows of. */
export interface EndedTurn {
  /** The last thing the agent said; null when it said nothing. */
  readonly lastText: string | null;
  /** It sent mail that asks, reports or ends its life in that turn: somebody has been told. */
  readonly told: boolean;
  /** Agents it waits for: its silence has a reason. */
  readonly liveChildren: number;
  readonly outcome: string | null;
}

/** Phrases that ask for a decision without a question mark, at the start of a sentence. */
const ASKING =
  /^(please (confirm|advise|choose|decide|clarify|tell me|let me know)|let me know (if|whether|which|how|what)|(i|we) (need|would need) (your|a) (decision|answer|confirmation|input|approval)|awaiting your|waiting for your (decision|answer|confirmation|input|approval|reply))/i;

/** Questions to oneself or in passing, which need no answer. */
const RHETORICAL = /^(why|how) not\b|^(right|ok(ay)?|done|ready|see)\?$/i;

/** Sentences at the end of a text in which a question counts. */
const LAST_SENTENCES = 3;

/**
 * The question a turn ended with, in one line, or null. A question asked in prose looks like a finished turn, so nobody is
 * told (field.md §3.1); agents are to ask by mail, and most of the time they do.
 */
export function questionInProse(turn: EndedTurn): string | null {
  if (turn.lastText === null || turn.told || turn.liveChildren > 0 || turn.outcome !== 'rest') return null;
  const sentences = sentencesOf(turn.lastText).slice(-LAST_SENTENCES);
  return sentences.findLast((sentence) => isQuestion(sentence)) ?? null;
}

function isQuestion(sentence: string): boolean {
  if (RHETORICAL.test(sentence)) return false;
  return (sentence.endsWith('?') && /\p{L}{2}/u.test(sentence)) || ASKING.test(sentence);
}

/** Sentences of prose; code blocks, quotes and headings are left out, since a `?` there asks nobody. */
function sentencesOf(text: string): readonly string[] {
  const prose = text
    .replace(/```[\s\S]*?(```|$)/g, '\n')
    .replace(/`[^`\n]*`/g, (code) => code.replaceAll('?', ' '))
    .split('\n')
    .filter((line) => !/^\s*(>|#)/.test(line))
    .map((line) => line.replace(/^\s*([-*]|\d+[.)])\s+/, '').replace(/[*_]{2,}/g, ''))
    .join('\n');
  return prose
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}
