import type { AgentView } from '../../../contract/agents.ts';
import { HELD, type HistoryEvent } from '../../../contract/history.ts';
import { LIMITS } from '../../../contract/limits.ts';
import type { MailMessage } from '../../../contract/mail.ts';
import type { RoomChanges } from '../../../contract/replay.ts';
import type { RunView } from '../../../contract/runs.ts';
import { parseTimestamp } from '../../platform/clock.ts';
import { neutralise } from '../../platform/neutralText.ts';
import { openQuestions } from '../room/attentionRules.ts';
import { type EventRow, toTimelineItem } from '../room/timelineRules.ts';
import type { PastFacts } from './pastFacts.ts';
import { pastEvidence, pastRadar } from './pastSights.ts';
import { type PastProject, pastAgent, pastBranch, pastRuns, pastStatus, pastTask, pastTerminals } from './pastViews.ts';

/** The room of one moment, moved forward by what was recorded. */
export interface PastRoom {
  history(event: HistoryEvent): void;
  /** A row of events.db; `shown` false for one that only says what its agent did, older than the timeline shows. */
  event(row: EventRow, shown?: boolean): void;
  /** What changed since the last time this was asked, as the room's deltas; null when nothing did. */
  changes(at: number): RoomChanges | null;
}

/** Minutes of the sparkline (ui.md "Top strip"). */
const ACTIVITY_MINUTES = 60;
const MINUTE_MS = 60_000;
/** Characters of a line that says what an agent does, as live (turns/activeTurn.ts). */
const DOING_LENGTH = 160;

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
interface Changed<Row> {
  put: Row[];
  remove: string[];
}

export function createPastRoom(facts: PastFacts, project: PastProject): PastRoom {
  const known = {
    agents: new Map<string, string>(),
    runs: new Map<string, string>(),
    mail: new Map<string, string>(),
    tasks: new Map<string, string>(),
    merges: new Map<string, string>(),
    attention: new Map<string, string>(),
    terminals: new Map<string, string>(),
    branches: new Map<string, string>(),
    evidence: new Map<string, string>(),
    radar: '',
    status: '',
  };
  /** Mails in the window, oldest first. */
  let window: MailMessage[] = [];
  const dirty = {
    agents: new Set<string>(),
    mail: new Set<string>(),
    tasks: new Set<string>(),
    merges: new Set<string>(),
    branches: new Set<string>(),
    evidence: new Set<string>(),
  };
  let radar = false;
  let runs = true;
  let runViews: readonly RunView[] = [];
  let attention = true;
  let rows: EventRow[] = [];
  let asks: ReadonlyMap<string, string> = new Map();
  const doing = new Map<string, string>();
  /** Times of starts of turns and tool calls of the last hour, oldest first. */
  let starts: number[] = [];

  function agentAndParent(name: string): void {
    dirty.agents.add(name);
    const parent = facts.rows('agent').get(name)?.value.parent ?? null;
    if (parent !== null) dirty.agents.add(parent);
  }

  function mark(event: HistoryEvent): void {
    const { kind, key } = event;
    switch (kind) {
      case 'agent':
        agentAndParent(key);
        runs = attention = true;
        return;
      case 'agentSettings':
        dirty.agents.add(key);
        attention = true;
        return;
      case 'run':
        runs = true;
        return;
      case 'turn': {
        const agent = facts.rows('turn').get(key)?.value.agent;
        if (agent !== undefined) dirty.agents.add(agent);
        runs = attention = true;
        return;
      }
      case 'mail':
      case 'delivery': {
        dirty.mail.add(key);
        const message = facts.rows('mail').get(key)?.value;
        if (message !== undefined) dirty.agents.add(message.to);
        attention = true;
        return;
      }
      case 'task':
        dirty.tasks.add(key);
        for (const [name, { value }] of facts.rows('agent')) if (value.taskId === key) dirty.agents.add(name);
        return;
      case 'merge':
      case 'mergeOutcome':
      case 'mergeHold':
      case 'progress':
        dirty.merges.add(key);
        attention = true;
        return;
      case 'setting':
        if (key !== HELD) return;
        for (const name of facts.rows('agent').keys()) dirty.agents.add(name);
        attention = true;
        return;
      case 'dismissed':
        attention = true;
        return;
      case 'finding': {
        const agent = facts.rows('finding').get(key)?.value.agentName;
        if (agent !== undefined) dirty.agents.add(agent);
        attention = true;
        return;
      }
      case 'head':
        dirty.branches.add(key);
        return;
      case 'evidence':
        dirty.evidence.add(key);
        return;
      case 'radar':
        radar = true;
        return;
      case 'guards':
        dirty.agents.add(key);
        return;
      case 'calling':
        attention = true;
        return;
      case 'mergeStep':
      case 'spending':
      case 'cap':
      case 'tick':
      // The course of a merge is asked for by itself, and the status is made anew with every step.
    }
  }

  function publishAttention(next: Mutable<RoomChanges>): void {
    if (!attention) return;
    attention = false;
    const items = facts.attention();
    const found = differences(known.attention, items, (item) => item.id);
    if (found !== null) next.attention = found;
    const open = openQuestions(items);
    for (const name of new Set([...asks.keys(), ...open.keys()]))
      if (asks.get(name) !== open.get(name)) dirty.agents.add(name);
    asks = open;
  }

  function publishMail(next: Mutable<RoomChanges>): void {
    if (dirty.mail.size === 0) return;
    const fresh = [...dirty.mail].flatMap((id) => facts.mail(id) ?? []);
    window = [...window.filter(({ id }) => !dirty.mail.has(id)), ...fresh]
      .sort((one, other) => one.createdAt.localeCompare(other.createdAt) || one.id.localeCompare(other.id))
      .slice(-LIMITS.mailWindow);
    dirty.mail.clear();
    const found = differences(known.mail, window, (message) => message.id);
    if (found !== null) next.mail = found;
  }

  return {
    history(event) {
      // What goes is asked for who it was before it is gone.
      if (event.value === null) mark(event);
      if (facts.apply(event)) mark(event);
    },
    event(row, shown = true) {
      const at = parseTimestamp(row.createdAt);
      const item = toTimelineItem(row);
      facts.noteSign(row.agentName, item.at);
      dirty.agents.add(row.agentName);
      if (row.eventType === 'turn_start') doing.delete(row.agentName);
      else if (row.eventType === 'tool_start') doing.set(row.agentName, item.summary);
      else if (row.eventType === 'progress') {
        const line = firstLine(row.data);
        if (line === null) doing.delete(row.agentName);
        else doing.set(row.agentName, line);
      }
      if (!shown) return;
      rows.push(row);
      if (row.eventType === 'tool_start' || row.eventType === 'turn_start') starts.push(at);
    },
    changes(at) {
      const next: Mutable<RoomChanges> = {};
      publishAttention(next);
      publishMail(next);
      if (dirty.agents.size > 0) {
        const agents = partial<AgentView>(known.agents, dirty.agents, (name) =>
          pastAgent(facts, name, asks, doing.get(name) ?? null),
        );
        if (agents !== null) next.agents = agents;
      }
      const tasks = partial(known.tasks, dirty.tasks, (id) => pastTask(facts, id));
      if (tasks !== null) next.tasks = tasks;
      const merges = partial(known.merges, dirty.merges, (id) => facts.merge(id));
      if (merges !== null) next.merges = merges;
      const branches = partial(known.branches, dirty.branches, (name) => pastBranch(facts, name));
      if (branches !== null) next.branches = branches;
      const evidence = partial(known.evidence, dirty.evidence, (name) => pastEvidence(facts, name));
      if (evidence !== null) next.evidence = evidence;
      if (radar) {
        radar = false;
        const value = pastRadar(facts);
        const text = JSON.stringify(value);
        if (text !== known.radar) {
          known.radar = text;
          next.radar = { value };
        }
      }
      if (runs) {
        runs = false;
        runViews = pastRuns(facts);
        const found = differences(known.runs, runViews, (run) => run.id);
        if (found !== null) next.runs = found;
      }
      const terminals = differences(known.terminals, pastTerminals(facts, project.recordings, at), (one) => one.id);
      if (terminals !== null) next.terminals = terminals;
      if (rows.length > 0) {
        next.timeline = { append: rows.map(toTimelineItem) };
        rows = [];
      }
      const status = pastStatus(facts, project, runViews, activityAt(at), at);
      const text = JSON.stringify(status);
      if (text !== known.status) {
        known.status = text;
        next.status = { value: status };
      }
      return Object.keys(next).length === 0 ? null : next;
    },
  };

  function activityAt(at: number): number[] {
    starts = starts.filter((start) => start > at - ACTIVITY_MINUTES * MINUTE_MS);
    const counts = new Array<number>(ACTIVITY_MINUTES).fill(0);
    for (const start of starts) {
      const index = ACTIVITY_MINUTES - 1 - Math.floor((at - start) / MINUTE_MS);
      if (index >= 0 && index < ACTIVITY_MINUTES) counts[index] = (counts[index] ?? 0) + 1;
    }
    return counts;
  }
}

/** First line of what an agent said, as its second line shows it. */
function firstLine(data: string | null): string | null {
  try {
    const said: unknown = JSON.parse(data ?? '{}');
    if (typeof said !== 'object' || said === null || !('text' in said) || typeof said.text !== 'string') return null;
    return neutralise(said.text).trim().split('\n')[0]?.slice(0, DOING_LENGTH) ?? null;
  } catch {
    // Written by another program: it says nothing that can be shown here.
    return null;
  }
}

/** What the rows differ by from those that were told; null when nothing. Remembers them. */
function differences<Row>(
  known: Map<string, string>,
  wanted: readonly Row[],
  keyOf: (row: Row) => string,
): Changed<Row> | null {
  const keys = new Set(wanted.map(keyOf));
  const put = wanted.filter((row) => remember(known, keyOf(row), row));
  const remove = [...known.keys()].filter((key) => !keys.has(key));
  for (const key of remove) known.delete(key);
  return put.length === 0 && remove.length === 0 ? null : { put, remove };
}

/** The same for some rows of a topic; empties `keys`. */
function partial<Row>(
  known: Map<string, string>,
  keys: Set<string>,
  read: (key: string) => Row | null,
): Changed<Row> | null {
  const put: Row[] = [];
  const remove: string[] = [];
  for (const key of keys) {
    const row = read(key);
    if (row !== null) {
      if (remember(known, key, row)) put.push(row);
    } else if (known.delete(key)) remove.push(key);
  }
  keys.clear();
  return put.length === 0 && remove.length === 0 ? null : { put, remove };
}

/** True when it is new or another than before. Plain data: equal text means equal value. */
function remember(known: Map<string, string>, key: string, row: unknown): boolean {
  const text = JSON.stringify(row);
  if (known.get(key) === text) return false;
  known.set(key, text);
  return true;
}
