/** How an agent waits for mail in a shell loop, which burns its turn: ending the turn is waiting (spec 01 §5.6). */
export type MailPollReason = 'until ov mail loop' | 'while-not ov mail loop' | 'ov mail piped condition';

const LOOP = /\b(until|while)\s+([\s\S]*?)(?:;|\n)\s*do\b([\s\S]*?)(?:;|\n)\s*done\b/g;
const MAIL = /\bov\s+mail\s+(?:check|list)\b/;
const STARTS_WITH_MAIL = /^\s*ov\s+mail\s+(?:check|list)\b/;
const STARTS_WITH_NOT_MAIL = /^\s*!\s*ov\s+mail\s+(?:check|list)\b/;

/** Looks for a loop that sleeps between looks at the mail; null when there is none. */
export function detectMailPoll(command: unknown): MailPollReason | null {
  if (typeof command !== 'string') return null;
  for (const [, keyword, condition = '', body = ''] of command.matchAll(LOOP)) {
    if (!/\bsleep\b/.test(body) || !MAIL.test(condition)) continue;
    if (keyword === 'until' && STARTS_WITH_MAIL.test(condition)) return 'until ov mail loop';
    if (keyword === 'while' && STARTS_WITH_NOT_MAIL.test(condition)) return 'while-not ov mail loop';
    return 'ov mail piped condition';
  }
  return null;
}
