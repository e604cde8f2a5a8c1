import type { MailMessage } from '../../../contract/mail.ts';
import type { Checkpoint } from '../agents/checkpoint.ts';
import { checkpointLines } from '../agents/prime.ts';
import type { Turn } from './turnRow.ts';

/** What a fresh conversation is told of the one that was lost. */
export interface HandoverFacts {
  readonly reason: string;
  /** Newest first. */
  readonly turns: readonly Pick<Turn, 'number' | 'startedAt' | 'outcome' | 'reason'>[];
  /** Mail the agent has had, newest first, without what the coming turn carries. */
  readonly received: readonly MailMessage[];
  /** Mail the agent sent, newest first. */
  readonly sent: readonly MailMessage[];
  /** Texts it wrote last, newest last. */
  readonly said: readonly string[];
  /** Where it stood by its own note; null when it left none. */
  readonly checkpoint?: Checkpoint | null;
}

/** Turns, mails and texts a note names: what fits on one screen. */
const TURNS = 5;
const MAILS = 12;
const TEXTS = 3;
/** Characters of the assignment and of any other text quoted. */
const ASSIGNMENT_CHARACTERS = 4_000;
const TEXT_CHARACTERS = 600;

/**
 * Note at the head of the first turn of a fresh conversation, when an earlier one of the same agent is lost: what was
 * assigned, what was done as far as the stores know, and where to look. One block without a divider; everything that
 * others wrote is quoted line by line, so that nothing in it can pass for mail.
 */
export function handoverNote(facts: HandoverFacts): string {
  const assignment = facts.received.findLast((mail) => mail.type === 'dispatch');
  const others = facts.received.filter((mail) => mail !== assignment);
  const parts: string[] = [
    `[OVERSTORY] Handover: your earlier conversation is lost (${facts.reason}), this is a fresh one. Your worktree is as you left it: look at git log, git status and git diff first, then go on; do not begin anew.`,
  ];
  if (assignment !== undefined) {
    parts.push(`Your assignment, from ${line(assignment.from)}: ${line(assignment.subject)}`);
    parts.push(quote(assignment.body, ASSIGNMENT_CHARACTERS));
  }
  if (facts.turns.length > 0) {
    parts.push('Your last turns:');
    for (const turn of facts.turns.slice(0, TURNS).toReversed())
      parts.push(`- turn ${turn.number}, ${turn.startedAt}: ${line(turn.reason ?? turn.outcome ?? 'no end known')}`);
  }
  if (facts.checkpoint !== undefined && facts.checkpoint !== null) {
    parts.push('Your own checkpoint:');
    parts.push(...checkpointLines(facts.checkpoint).map((each) => `> ${each}`));
  }
  if (facts.said.length > 0) {
    parts.push('What you said last:');
    for (const text of facts.said.slice(-TEXTS)) parts.push(quote(text, TEXT_CHARACTERS));
  }
  parts.push(...listOf('Mail you have had', others, (mail) => `from ${line(mail.from)}`));
  parts.push(...listOf('Mail you have sent', facts.sent, (mail) => `to ${line(mail.to)}`));
  if (others.length + facts.sent.length > 0) parts.push('Read any of it again with: ov mail list');
  return parts.join('\n');
}

function listOf(title: string, mails: readonly MailMessage[], who: (mail: MailMessage) => string): readonly string[] {
  if (mails.length === 0) return [];
  const shown = mails.slice(0, MAILS).toReversed();
  const rest = mails.length - shown.length;
  return [
    `${title}${rest > 0 ? ` (the last ${shown.length} of ${mails.length})` : ''}:`,
    ...shown.map((mail) => `- ${mail.id} ${mail.type} ${who(mail)}: ${line(mail.subject)}`),
  ];
}

function quote(text: string, limit: number): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut
    .trim()
    .split(/\r?\n/)
    .map((row) => `> ${row}`)
    .join('\n');
}

function line(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 200);
}
