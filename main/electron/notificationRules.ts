import type { AgentView } from '../../contract/agents.ts';
import type { AttentionItem } from '../../contract/attention.ts';
import type { RunView } from '../../contract/runs.ts';
import type { ShellTarget } from '../../contract/shell.ts';

/** What the shell watches of a room; maps are those of the topics. */
export interface WatchedRoom {
  readonly agents: Readonly<Record<string, AgentView>>;
  readonly attention: Readonly<Record<string, AttentionItem>>;
  readonly runs: Readonly<Record<string, RunView>>;
}

/** One notification of the system, ready to show. */
export interface Notice {
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
  if (previous === null) return [];
  const found = [...attentionNotices(previous, next), ...deathNotices(previous, next), ...runNotices(previous, next)];
  const fresh = new Map<string, Notice>();
  for (const notice of found) {
    const last = told.get(notice.key);
    if (last !== undefined && now - last < REPEAT_AFTER_MS) continue;
    if (!fresh.has(notice.key)) fresh.set(notice.key, notice);
  }
  return fold([...fresh.values()]);
}

/** Joins a flood into one notice, whose key still covers every story in it. */
function fold(notices: readonly Notice[]): readonly Notice[] {
  if (notices.length <= MOST_AT_ONCE) return notices;
  const body = notices.map((notice) => notice.title).join('\n');
  return [
    {
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
      return { ...base, key: item.id, title, target, options: item.options };
    }
    case 'question':
      return { ...base, key: item.id, title: `${who} asks: ${item.title}`, target, options: item.options };
    case 'dead':
      return { ...base, key: deathKey(item.agent ?? item.id), title: `${who} died`, target };
    case 'conflict':
      return { ...base, key: item.id, title: `Merge conflict: ${item.title}`, target };
    case 'looping':
      return { ...base, key: item.id, title: `${who} repeats itself`, target };
    case 'login':
      return { ...base, key: item.id, title: `${who} needs a login`, target };
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
