import { z } from 'zod';
import type { AgentView } from './agents.ts';
import type { AttentionItem } from './attention.ts';
import { Timestamp } from './ids.ts';
import type { RunView } from './runs.ts';
import type { ShellTarget } from './shell.ts';

/** What a notification can be about; each kind can be switched off. */
export const NOTICE_KINDS = ['gate', 'question', 'dead', 'conflict', 'looping', 'login', 'run'] as const;
export const NoticeKind = z.enum(NOTICE_KINDS);
export type NoticeKind = z.infer<typeof NoticeKind>;

/** `controlRoom.notifications` of the settings: what rings, and when nothing does. */
export const NoticeSettings = z.object({
  off: z.array(NoticeKind),
  /** Hours of the day without a ring, as `22:00` in the time of the machine; null: none. They may go over midnight. */
  quiet: z.object({ from: z.string(), to: z.string() }).nullable(),
});
export type NoticeSettings = z.infer<typeof NoticeSettings>;

/** Everything rings, at any hour. */
export const ALL_NOTICES: NoticeSettings = { off: [], quiet: null };

/** One notification of the past: what would have rung, by the settings of now. */
export const PastNotice = z.object({
  at: Timestamp,
  kind: NoticeKind,
  title: z.string(),
  body: z.string(),
  agent: z.string().nullable(),
  /** Why it would have stayed silent; null: it rings. */
  silent: z.enum(['off', 'quiet']).nullable(),
});
export type PastNotice = z.infer<typeof PastNotice>;

/** Answer of `notices.past`. */
export const PastNotices = z.object({
  /** Newest first. */
  notices: z.array(PastNotice),
  /** Since when; later than asked where nothing older is recorded, or so much happened that it was not all looked at. */
  from: Timestamp,
});
export type PastNotices = z.infer<typeof PastNotices>;

/** What the shell watches of a room; maps are those of the topics. */
export interface WatchedRoom {
  readonly agents: Readonly<Record<string, AgentView>>;
  readonly attention: Readonly<Record<string, AttentionItem>>;
  readonly runs: Readonly<Record<string, RunView>>;
  /** What rings; absent: everything. */
  readonly notifications?: NoticeSettings | undefined;
}

/** One notification of the system, ready to show. */
export interface Notice {
  readonly kind: NoticeKind;
  /** Notices of one key tell the same story. */
  readonly key: string;
  readonly title: string;
  readonly body: string;
  readonly target: ShellTarget;
  /** Answers a decision gate offers as buttons, with the attention item they answer. */
  readonly options: readonly string[];
  readonly attentionId: string | null;
}

/** Milliseconds in which the same story is not told twice, however often its cause comes and goes. */
export const REPEAT_AFTER_MS = 60_000;

/** More notices than this in one change become a single one. */
const MOST_AT_ONCE = 3;

/** Characters of a body; systems cut at about this length. */
const BODY_LENGTH = 220;

/**
 * What to tell a person about the step from `previous` to `next`: a gate or question, a finished run, a dead agent, a
 * merge conflict (ui.md "Desktop"). The first look at a room tells nothing: what was there before is on the screen.
 * @param told when each key was told last, milliseconds; the caller adds what this returns.
 */
export function noticesFor(
  previous: WatchedRoom | null,
  next: WatchedRoom,
  told: ReadonlyMap<string, number>,
  now: number,
): readonly Notice[] {
  const off = next.notifications?.off ?? [];
  return fold(freshNotices(previous, next, told, now).filter((notice) => !off.includes(notice.kind)));
}

/** The same before a flood becomes one, and whatever is switched off. */
export function freshNotices(
  previous: WatchedRoom | null,
  next: WatchedRoom,
  told: ReadonlyMap<string, number>,
  now: number,
): readonly Notice[] {
  if (previous === null) return [];
  const found = [...attentionNotices(previous, next), ...deathNotices(previous, next), ...runNotices(previous, next)];
  const fresh = new Map<string, Notice>();
  for (const notice of found) {
    const last = told.get(notice.key);
    if (last !== undefined && now - last < REPEAT_AFTER_MS) continue;
    if (!fresh.has(notice.key)) fresh.set(notice.key, notice);
  }
  return [...fresh.values()];
}

/** Joins a flood into one notice, whose key still covers every story in it. */
function fold(notices: readonly Notice[]): readonly Notice[] {
  if (notices.length <= MOST_AT_ONCE) return notices;
  const body = notices.map((notice) => notice.title).join('\n');
  return [
    {
      kind: notices.every((notice) => notice.kind === notices[0]?.kind) ? (notices[0]?.kind ?? 'gate') : 'gate',
      key: notices.map((notice) => notice.key).join('\n'),
      title: `${notices.length} things happened in the room`,
      body: shorten(body),
      target: { screen: 'fleet' },
      options: [],
      attentionId: null,
    },
  ];
}

/** The keys that a shown notice stands for. */
export function keysOf(notice: Notice): readonly string[] {
  return notice.key.split('\n');
}

function attentionNotices(previous: WatchedRoom, next: WatchedRoom): readonly Notice[] {
  const notices: Notice[] = [];
  for (const item of Object.values(next.attention)) {
    if (previous.attention[item.id] !== undefined) continue;
    const notice = attentionNotice(item);
    if (notice !== null) notices.push(notice);
  }
  return notices;
}

function attentionNotice(item: AttentionItem): Notice | null {
  const who = item.agent ?? 'An agent';
  const base = { body: shorten(item.detail === '' ? item.title : item.detail), options: [], attentionId: item.id };
  const target: ShellTarget = {
    screen: item.kind === 'conflict' ? 'merge' : 'fleet',
    ...(item.agent === null ? {} : { agent: item.agent }),
    attentionId: item.id,
  };
  switch (item.kind) {
    case 'gate': {
      // A cap asks for itself and names who it holds: no agent speaks there.
      const bySelf = item.agent === null || item.title.startsWith(item.agent);
      const title = bySelf ? item.title : `${who} needs a decision: ${item.title}`;
      return { ...base, kind: 'gate', key: item.id, title, target, options: item.options };
    }
    case 'question':
      return {
        ...base,
        kind: 'question',
        key: item.id,
        title: `${who} asks: ${item.title}`,
        target,
        options: item.options,
      };
    case 'dead':
      return { ...base, kind: 'dead', key: deathKey(item.agent ?? item.id), title: `${who} died`, target };
    case 'conflict':
      return { ...base, kind: 'conflict', key: item.id, title: `Merge conflict: ${item.title}`, target };
    case 'looping':
      return { ...base, kind: 'looping', key: item.id, title: `${who} repeats itself`, target };
    case 'login':
      return { ...base, kind: 'login', key: item.id, title: `${who} needs a login`, target };
    case 'quota':
    case 'resume':
    case 'collision':
    case 'deadLetter':
    case 'error':
      // Waits in the queue and in the badge; ui.md names neither among what rings.
      return null;
  }
}

function deathNotices(previous: WatchedRoom, next: WatchedRoom): readonly Notice[] {
  const notices: Notice[] = [];
  for (const agent of Object.values(next.agents)) {
    const before = previous.agents[agent.name];
    if (agent.status !== 'dead' || before === undefined || before.status === 'dead') continue;
    notices.push({
      kind: 'dead',
      key: deathKey(agent.name),
      title: `${agent.name} died`,
      body: shorten(agent.reason ?? agent.activity),
      target: { screen: 'terminals', agent: agent.name },
      options: [],
      attentionId: null,
    });
  }
  return notices;
}

function deathKey(subject: string): string {
  return `dead:${subject}`;
}

function runNotices(previous: WatchedRoom, next: WatchedRoom): readonly Notice[] {
  const notices: Notice[] = [];
  for (const run of Object.values(next.runs)) {
    if (run.status === 'active' || previous.runs[run.id]?.status !== 'active') continue;
    const agents = `${run.agentCount} ${run.agentCount === 1 ? 'agent' : 'agents'}`;
    const cost = run.costUsd === null ? '' : `, $${run.costUsd.toFixed(2)}`;
    notices.push({
      kind: 'run',
      key: `run:${run.id}`,
      title: run.status === 'completed' ? 'Run finished' : 'Run failed',
      body: `${run.coordinator ?? run.id}: ${agents}${cost}`,
      target: { screen: 'timeline' },
      options: [],
      attentionId: null,
    });
  }
  return notices;
}

function shorten(text: string): string {
  const characters = [...text.trim()];
  return characters.length <= BODY_LENGTH ? characters.join('') : `${characters.slice(0, BODY_LENGTH - 1).join('')}…`;
}

/** True in the hours without a ring. `now` in milliseconds since the epoch; hours are those of this machine. */
export function isQuiet(settings: NoticeSettings, now: number): boolean {
  if (settings.quiet === null) return false;
  const date = new Date(now);
  const minute = date.getHours() * 60 + date.getMinutes();
  const from = minuteOfDay(settings.quiet.from);
  const to = minuteOfDay(settings.quiet.to);
  if (from === null || to === null || from === to) return false;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Minutes since midnight of `22:30`; null when it is no time of day. */
export function minuteOfDay(text: string): number | null {
  const found = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  return found === null ? null : Number(found[1]) * 60 + Number(found[2]);
}
