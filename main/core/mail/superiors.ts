import { OPERATOR } from '../../../contract/ids.ts';

/** What of a session the lines of command are read from. */
export interface Subordinate {
  readonly parentAgent: string | null;
  readonly state: string;
}

/** More levels than any project allows: a row that is its own ancestor must not hang a search. */
const MOST_LEVELS = 50;

/** Whoever stands above an agent, nearest first, dead or alive; the operator is above everybody and not among them. */
export function superiorsOf(agentName: string, find: (name: string) => Subordinate | null): readonly string[] {
  const above: string[] = [];
  let parent = find(agentName)?.parentAgent ?? null;
  while (parent !== null && parent !== '' && !above.includes(parent) && above.length < MOST_LEVELS) {
    above.push(parent);
    parent = find(parent)?.parentAgent ?? null;
  }
  return above;
}

/** True for a session that reads no more mail. */
export function isGone(session: Pick<Subordinate, 'state'> | null): boolean {
  return session !== null && (session.state === 'completed' || session.state === 'zombie');
}

/** The nearest superior that still reads mail; the operator when there is none. */
export function nextSuperior(agentName: string, find: (name: string) => Subordinate | null): string {
  return superiorsOf(agentName, find).find((name) => find(name) !== null && !isGone(find(name))) ?? OPERATOR;
}
