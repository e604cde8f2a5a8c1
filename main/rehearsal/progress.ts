import type { DeliveredMail } from './mailBatch.ts';
import type { Handler, ListName, Script } from './script.ts';
import type { Step } from './steps.ts';

/** Place of a step in nested lists: index, then for each `when` on the way its branch and the index in it. */
export type Cursor = readonly (number | 'do' | 'else')[];

/** A list of steps that is being worked through, with the mail that set it off. */
export interface Frame {
  /** Names the frame for good: `start`, or the handler and its mail. */
  readonly id: string;
  readonly list: ListName;
  readonly cursor: Cursor;
  readonly mail: DeliveredMail | null;
  /** Body of the reply to the frame's last question. */
  readonly answer: string | null;
}

/** A frame that waits for the answer to its question. */
export interface ParkedFrame {
  /** Id of the question's mail, which is the thread of its answer. */
  readonly mailId: string;
  readonly subject: string;
  readonly frame: Frame;
}

/** The part of a conversation that decides what is done next. Plain data, kept in the session file. */
export interface Progress {
  readonly started: boolean;
  readonly frames: readonly Frame[];
  readonly parked: readonly ParkedFrame[];
  /** Ids of mails already taken, so that a delivery after a crash does nothing twice. */
  readonly taken: readonly string[];
  /** How many mails each handler has matched, by handlerKey. */
  readonly matches: Readonly<Record<string, number>>;
}

export const NO_PROGRESS: Progress = { started: false, frames: [], parked: [], taken: [], matches: {} };

/** Adds what one user turn asks for: the start, answers to questions, and the handlers of each new mail, in that order of arrival. */
export function acceptTurn(
  progress: Progress,
  script: Script,
  input: { readonly mails: readonly DeliveredMail[]; readonly text: string },
): Progress {
  let next = progress;
  if (!next.started) {
    next = { ...next, started: true, frames: [...next.frames, newFrame('start', 'start', null)] };
  }
  for (const mail of input.mails) next = acceptMail(next, script, mail);
  if (input.text !== '') {
    const nudge: DeliveredMail = { ...NUDGE, body: input.text };
    next = runHandlers(next, script, nudge, `nudge-${total(next)}`, 'nudge');
  }
  return next;
}

/** Stands in for a mail, so that a nudge's handler has `{{mail.body}}`. */
const NUDGE: DeliveredMail = {
  id: null,
  from: 'operator',
  subject: 'nudge',
  body: '',
  type: 'status',
  priority: 'normal',
  threadId: null,
  payload: {},
};

function acceptMail(progress: Progress, script: Script, mail: DeliveredMail): Progress {
  if (mail.id !== null && progress.taken.includes(mail.id)) return progress;
  let next: Progress = mail.id === null ? progress : { ...progress, taken: [...progress.taken, mail.id] };
  const answered = next.parked.find(
    (parked) => parked.mailId === mail.threadId || (mail.threadId === null && mail.subject === `Re: ${parked.subject}`),
  );
  if (answered !== undefined) {
    next = {
      ...next,
      parked: next.parked.filter((parked) => parked !== answered),
      frames: [...next.frames, { ...answered.frame, answer: mail.body }],
    };
  }
  return runHandlers(next, script, mail, mail.id ?? `mail-${total(next)}`, mail.type);
}

function total(progress: Progress): number {
  return Object.values(progress.matches).reduce((sum, count) => sum + count, 0);
}

/** Every handler that fits runs, in the order written; `any` only when no other fitted. */
function runHandlers(
  progress: Progress,
  script: Script,
  mail: DeliveredMail,
  source: string,
  type: Handler['type'],
): Progress {
  const fitting = script.handlers.filter((handler) => matchesText(handler, mail));
  const special = fitting.filter((handler) => handler.type === type);
  const others = fitting.filter((handler) => handler.type === 'any');
  // A dispatch says what the start already does, and a nudge is no mail: `any` leaves both alone.
  const chosen = special.length > 0 ? special : type === 'dispatch' || type === 'nudge' ? [] : others;
  let next = progress;
  for (const handler of chosen) {
    const key = handlerKey(handler);
    const count = (next.matches[key] ?? 0) + 1;
    next = { ...next, matches: { ...next.matches, [key]: count } };
    if (handler.count !== null && handler.count !== count) continue;
    const list = script.handlers.indexOf(handler);
    next = { ...next, frames: [...next.frames, newFrame(`${list}#${source}`, list, mail)] };
  }
  return next;
}

function matchesText(handler: Handler, mail: DeliveredMail): boolean {
  return (
    (handler.from === null || handler.from === mail.from) &&
    (handler.subject === null || mail.subject.toLowerCase().includes(handler.subject.toLowerCase())) &&
    (handler.body === null || mail.body.toLowerCase().includes(handler.body.toLowerCase()))
  );
}

/** Names a handler by what it waits for, so that its count survives edits elsewhere in the script. */
function handlerKey(handler: Handler): string {
  return JSON.stringify([handler.type, handler.from, handler.subject, handler.body, handler.count]);
}

function newFrame(id: string, list: ListName, mail: DeliveredMail | null): Frame {
  return { id, list, cursor: [0], mail, answer: null };
}

/** Steps of a frame's list; empty when the script no longer has it. */
export function stepsOf(script: Script, frame: Frame): readonly Step[] {
  return frame.list === 'start' ? script.start : (script.handlers[frame.list]?.steps ?? []);
}

/** The step a cursor stands on; null past the end. */
export function stepAt(steps: readonly Step[], cursor: Cursor): Step | null {
  let list = steps;
  let step: Step | null = null;
  for (const key of cursor) {
    if (typeof key === 'number') step = list[key] ?? null;
    else if (step?.kind === 'when') list = step[key];
    else return null;
  }
  return step;
}

/** The place after the one the cursor stands on, climbing out of finished branches; null when the list is done. */
export function nextCursor(steps: readonly Step[], cursor: Cursor): Cursor | null {
  let place = cursor;
  while (place.length > 0) {
    const last = place.at(-1);
    const next: Cursor = [...place.slice(0, -1), (typeof last === 'number' ? last : 0) + 1];
    if (stepAt(steps, next) !== null) return next;
    place = place.slice(0, -2);
  }
  return null;
}

/** The first place inside a branch of the `when` the cursor stands on; the place after it when the branch is empty. */
export function branchCursor(steps: readonly Step[], cursor: Cursor, branch: 'do' | 'else'): Cursor | null {
  const inner: Cursor = [...cursor, branch, 0];
  return stepAt(steps, inner) === null ? nextCursor(steps, cursor) : inner;
}

/** The cursor as keys of the script file, for finding its line. */
export function scriptPath(cursor: Cursor): readonly (number | string)[] {
  return cursor.flatMap((key): (number | string)[] => (typeof key === 'number' ? [key] : ['when', key]));
}
