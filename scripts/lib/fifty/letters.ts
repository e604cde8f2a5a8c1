import { join } from 'node:path';
import { OPERATOR } from '../../../contract/ids.ts';
import type { MailPriority, MailType } from '../../../contract/mail.ts';
import type { NewEvent } from '../../../main/core/events/eventRow.ts';
import { type MailStore, openMail } from '../../../main/core/mail/mailStore.ts';
import { timestamp } from '../../../main/platform/clock.ts';
import { branchOf, filesOf } from './branches.ts';
import { AT_WORK, COORDINATOR, GONE, type Member, type Piece, SPENDER } from './cast.ts';
import { HOUR, type Hour } from './hour.ts';
import { ANSWERS, ASKED_OF_A_PERSON, FORWARDS, NUDGES, QUESTIONS, REPORTS } from './words.ts';

/** A mail of the hour. */
interface Letter {
  readonly second: number;
  readonly from: string;
  readonly to: string;
  readonly type: MailType;
  readonly subject: string;
  readonly body: string;
  readonly priority?: MailPriority;
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Names it for answers. */
  readonly key?: string;
  /** Key of the letter it answers. */
  readonly answers?: string;
}

/** Sends the mail of the hour and lets every turn carry what had come by then. Events come back. */
export function seedLetters(project: string, hour: Hour, runId: string): readonly NewEvent[] {
  const time = { now: hour.ms(0) };
  const opened = openMail(join(project, '.overstory', 'mail.db'), { clock: { now: () => time.now } });
  if (!opened.ok) throw new Error(opened.error.message);
  const mail = opened.value;
  const events: NewEvent[] = [];
  const ids = new Map<string, string>();
  const steps: { readonly second: number; readonly work: () => void }[] = [];
  for (const letter of lettersOf(hour)) {
    steps.push({ second: letter.second, work: () => events.push(send(mail, letter, ids, timestamp(time.now), runId)) });
  }
  for (const stint of hour.stints) {
    const turnId = hour.turnId(stint);
    steps.push({ second: stint.start, work: () => void mail.claimForTurn(stint.member.name, turnId, time.now) });
    steps.push({ second: stint.start + 2, work: () => void mail.turnStarted(turnId) });
    steps.push({ second: stint.end, work: () => void mail.settleTurn(turnId, { kind: 'read' }) });
  }
  mail.atomically(() => {
    for (const step of steps.sort((one, other) => one.second - other.second)) {
      time.now = hour.ms(step.second);
      step.work();
    }
  });
  // Nobody is to be woken for a picture but those who work in it, and those who cannot be.
  const kept = new Set([OPERATOR, SPENDER, GONE, ...atWork(hour).map(({ name }) => name)]);
  for (const [mailbox] of mail.unreadCounts()) if (!kept.has(mailbox)) mail.claimByCheck(mailbox);
  mail.close();
  return events;
}

function send(mail: MailStore, letter: Letter, ids: Map<string, string>, at: string, runId: string): NewEvent {
  const { from, to, subject, type, body, priority = 'normal', payload, key, answers } = letter;
  const first = answers === undefined ? undefined : ids.get(answers);
  const sent = mail.insert({
    from,
    to,
    subject,
    body,
    type,
    priority,
    createdAt: at,
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
    ...(first === undefined ? {} : { threadId: first }),
  });
  if (!sent.ok) throw new Error(sent.error.message);
  if (key !== undefined) ids.set(key, sent.value.id);
  if (first !== undefined) mail.acknowledge(first);
  const data = JSON.stringify({ to, subject, type, priority, messageId: sent.value.id });
  return { agentName: from, runId, eventType: 'mail_sent', createdAt: at, data };
}

const atWork = (hour: Hour): readonly Member[] =>
  hour.members.filter(({ task }) => task !== null && AT_WORK.has(task.id));
const pick = (words: readonly string[], index: number): string => words[index % words.length] ?? '';

function lettersOf(hour: Hour): readonly Letter[] {
  const letters: Letter[] = [];
  hour.members.forEach((member, index) => {
    const { task, parent } = member;
    if (task !== null && parent !== null) letters.push(...ofBuilder(hour, member, task, parent, index));
  });
  letters.push(...ofLeads(hour), ...toThePerson(hour), ...lateOnes(hour));
  return letters;
}

/** A builder gets its task, asks, is nudged on, and reports. */
function ofBuilder(hour: Hour, member: Member, task: Piece, lead: string, index: number): readonly Letter[] {
  const letters: Letter[] = [];
  const { name, state } = member;
  const files = filesOf(task);
  for (const stint of hour.of(member)) {
    if (stint.number === 1) {
      letters.push({
        second: stint.start - 5,
        from: lead,
        to: name,
        type: 'dispatch',
        subject: `${task.id}: ${task.title}`,
        body: `${pick(FORWARDS, index)}\n\nThe spec is in .overstory/specs/${task.id}.md.`,
        payload: {
          taskId: task.id,
          specPath: `.overstory/specs/${task.id}.md`,
          capability: 'builder',
          fileScope: files,
        },
      });
    } else if (stint.number === 2 && index % 3 === 0) {
      const key = `question of ${name}`;
      const [subject, body] = QUESTIONS[index % QUESTIONS.length] ?? ['', ''];
      const asked = hour.of(member)[0];
      letters.push(
        { second: (asked?.end ?? stint.start) - 4, from: name, to: lead, type: 'question', subject, body, key },
        {
          second: stint.start - 6,
          from: lead,
          to: name,
          type: 'status',
          subject: `Re: ${subject}`,
          body: pick(ANSWERS, index),
          answers: key,
        },
      );
    } else {
      letters.push({
        second: stint.start - 4,
        from: lead,
        to: name,
        type: 'status',
        subject: pick(NUDGES, index + stint.number),
        body: `${pick(ANSWERS, index + stint.number)}\n\nThis is about ${task.id}.`,
      });
    }
    if (stint.last && state === 'completed') {
      letters.push({
        second: stint.end - 3,
        from: name,
        to: lead,
        type: 'worker_done',
        subject: `${task.id} is done: ${task.title}`,
        body: `${task.did}\n\n${pick(REPORTS, index)}`,
        payload: {
          taskId: task.id,
          branch: branchOf(member),
          exitCode: 0,
          filesModified: [...files, `test/${task.id}.test.ts`],
        },
      });
    }
    if (stint.last && state === 'zombie') {
      letters.push({
        second: stint.end + 1,
        from: name,
        to: lead,
        type: 'worker_died',
        priority: 'high',
        subject: `${name} died`,
        body: 'The runtime answered nothing but errors; gave up after 3 attempts. Its worktree is untouched.',
        payload: {
          agentName: name,
          capability: 'builder',
          taskId: task.id,
          reason: 'gave up after 3 attempts',
          lastActivity: hour.at(stint.end),
          terminatedBy: 'runner',
        },
      });
    }
  }
  return letters;
}

/** Leads hand on what is done, and keep the coordinator posted. */
function ofLeads(hour: Hour): readonly Letter[] {
  const letters: Letter[] = [];
  for (const member of hour.members) {
    const { task, parent, state } = member;
    const last = hour.of(member).at(-1);
    if (task === null || parent === null || last === undefined || state !== 'completed') continue;
    letters.push({
      second: last.end + 40,
      from: parent,
      to: COORDINATOR,
      type: 'merge_ready',
      subject: `${task.id} can be merged`,
      body: `I have read the diff and run the tests. ${task.did}`,
      payload: { branch: branchOf(member), taskId: task.id, agentName: member.name, filesModified: filesOf(task) },
    });
  }
  hour.members
    .filter(({ capability }) => capability === 'lead')
    .forEach((lead, index) => {
      letters.push(
        {
          second: 30 + index * 6,
          from: COORDINATOR,
          to: lead.name,
          type: 'assign',
          subject: `Your stream, ${lead.name.replace('lead-', '')}`,
          body: 'Split it as you see fit, at most eight at a time. Report what is done, not what is begun.',
        },
        {
          second: 1_500 + index * 50,
          from: lead.name,
          to: COORDINATOR,
          type: 'status',
          subject: `Half way: ${3 + index} of 7`,
          body: 'Nothing is stuck. The two that share src/money.ts will have to be merged one after the other.',
        },
        {
          second: 2_700 + index * 45,
          from: COORDINATOR,
          to: lead.name,
          type: 'health_check',
          subject: 'Are you there?',
          body: 'One line is enough.',
          payload: { agentName: lead.name, checkType: 'liveness' },
        },
      );
    });
  return letters;
}

/** What waits for a person. */
function toThePerson(hour: Hour): readonly Letter[] {
  return ASKED_OF_A_PERSON.map((letter, index) => ({
    ...letter,
    to: OPERATOR,
    second: HOUR - 1_900 + index * 170,
  })).filter(({ from }) => hour.members.some(({ name }) => name === from));
}

/** Mail that wakes who works in the pictures, or cannot be delivered. */
function lateOnes(hour: Hour): readonly Letter[] {
  const late: Letter[] = atWork(hour).map(({ name, parent, task }, index) => ({
    second: HOUR - 40 + index,
    from: parent ?? COORDINATOR,
    to: name,
    type: 'status',
    subject: `Go on with ${task?.id ?? 'it'}`,
    body: pick(ANSWERS, index),
  }));
  return [
    ...late,
    {
      second: HOUR - 300,
      from: 'lead-ledger',
      to: SPENDER,
      type: 'status',
      subject: 'Only the rates of the central bank',
      body: 'Leave the card companies out for now; BS-32 can be done without them.',
    },
    {
      second: HOUR - 420,
      from: 'lead-platform',
      to: GONE,
      type: 'question',
      subject: 'Which counters are left?',
      body: 'If you are stuck with the runtime, say so and somebody else takes over.',
    },
  ];
}
