import type { AgentStatus } from '../../../contract/agents.ts';
import type { TimelineItem, TimelineKind } from '../../../contract/timeline.ts';
import { STATUS_WORDS } from '../../components/StatusMark.tsx';
import { timeOfDay } from '../../stores/format.ts';
import { showableLine } from '../../stores/showable.ts';

/** The word of a kind in the event list. */
export const KIND_WORDS: Readonly<Record<TimelineKind, string>> = {
  turnStart: 'turn',
  turnEnd: 'turn end',
  tool: 'tool',
  toolEnd: 'result',
  text: 'says',
  mail: 'mail',
  merge: 'merge',
  state: 'state',
  verdict: 'verdict',
  intervention: 'by a person',
  note: 'note',
  error: 'error',
};

/** How a stored or shown state looks: the same glyphs as everywhere in the room. */
const STATE_STATUS: Readonly<Record<string, AgentStatus>> = {
  booting: 'starting',
  starting: 'starting',
  working: 'working',
  in_turn: 'inTurn',
  inTurn: 'inTurn',
  between_turns: 'resting',
  resting: 'resting',
  stalled: 'stalled',
  needsYou: 'needsYou',
  completed: 'done',
  done: 'done',
  zombie: 'dead',
  dead: 'dead',
};

/** The state of a word in the events; null for one nobody knows. */
export function statusOf(state: string | null): AgentStatus | null {
  return state === null ? null : (STATE_STATUS[state] ?? null);
}

const STATE_WORD = new RegExp(`\\b(?:${Object.keys(STATE_STATUS).join('|')})\\b`, 'g');

/** An event in words; states by the words the room has for them, not as they are stored. */
export function itemText(item: Pick<TimelineItem, 'kind' | 'summary'>): string {
  if (item.kind === 'turnEnd') return item.summary.replace(/ended: turn ended, /, 'ended: ');
  if (item.kind !== 'state') return item.summary;
  return item.summary.replace(STATE_WORD, (stored) => {
    const status = statusOf(stored);
    return status === null ? stored : STATUS_WORDS[status];
  });
}

/** Milliseconds as "0.4 s", "12 s", "3 min 5 s". */
export function tookWords(milliseconds: number): string {
  if (milliseconds < 10_000) return `${(Math.max(0, milliseconds) / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** True for an item that tells of a failure. */
export function isFailure(item: Pick<TimelineItem, 'kind' | 'level'>): boolean {
  return item.kind === 'error' || item.level === 'error';
}

/** An event as one line for a screen reader: when, who, what, how long. */
export function spokenItem(item: TimelineItem): string {
  const who = item.kind === 'mail' && item.to !== null ? `${item.agent} to ${item.to}` : item.agent;
  const what = `${item.kind !== 'error' && isFailure(item) ? 'failed ' : ''}${KIND_WORDS[item.kind]}`;
  const took = item.durationMs === null ? '' : `, ${tookWords(item.durationMs)}`;
  return showableLine(`${timeOfDay(item.at)}, ${who}, ${what}: ${itemText(item)}${took}`);
}
