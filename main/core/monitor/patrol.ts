import type { AgentEvidence } from '../../../contract/evidence.ts';

/** Milliseconds between two patrols at the least (spec 02 §5.10: never faster than two minutes). */
export const SHORTEST_PATROL_MS = 120_000;

/** Agents in trouble, each with the word and level that a patrol was told of; agents that are well are not in it. */
export type Picture = Readonly<Record<string, string>>;

/** What of the watchdog's verdicts is worth a patrol: who is stalled, repeats itself or is dead, and how far the ladder is. */
export function pictureOf(evidence: readonly AgentEvidence[], monitorName: string, told: Picture): Picture {
  const picture: Record<string, string> = {};
  for (const { agentName, verdict, level } of evidence) {
    // The monitor does not patrol itself.
    if (agentName === monitorName) continue;
    switch (verdict) {
      case 'stalled':
      case 'looping':
        picture[agentName] = level === null ? verdict : `${verdict}, level ${level}`;
        break;
      case 'dead':
        picture[agentName] = verdict;
        break;
      case 'unknown': {
        // What cannot be read now is what it was.
        const before = told[agentName];
        if (before !== undefined) picture[agentName] = before;
        break;
      }
      case 'healthy':
      case 'waiting':
      case 'done':
        break;
    }
  }
  return picture;
}

export type PatrolStep =
  | { readonly do: 'nothing' }
  /** A change is there, and it is too early, or the last patrol has not begun. */
  | { readonly do: 'wait'; readonly inMs: number }
  | { readonly do: 'patrol'; readonly changed: readonly string[] };

/**
 * Whether the monitor is to be woken: only when the picture differs from what it was told, never by time alone. Milliseconds;
 * `lastAt` is when it was last told, null for never.
 */
export function patrolStep(facts: {
  readonly told: Picture;
  readonly now: Picture;
  readonly lastAt: number | null;
  readonly at: number;
  /** The last patrol mail still waits for its turn. */
  readonly unread: boolean;
}): PatrolStep {
  const names = new Set([...Object.keys(facts.told), ...Object.keys(facts.now)]);
  const changed = [...names].filter((name) => facts.told[name] !== facts.now[name]).sort();
  if (changed.length === 0) return { do: 'nothing' };
  // A clock that was set back makes nobody wait longer than once.
  const since = facts.lastAt === null ? SHORTEST_PATROL_MS : Math.max(0, facts.at - facts.lastAt);
  if (since < SHORTEST_PATROL_MS) return { do: 'wait', inMs: SHORTEST_PATROL_MS - since };
  return facts.unread ? { do: 'wait', inMs: SHORTEST_PATROL_MS } : { do: 'patrol', changed };
}

/** The mail that wakes the monitor: what changed, with the evidence, and who else is in trouble. */
export function patrolMail(
  changed: readonly string[],
  told: Picture,
  now: Picture,
  evidence: readonly AgentEvidence[],
): { readonly subject: string; readonly body: string } {
  const reasons = new Map(evidence.map((one) => [one.agentName, one] as const));
  const line = (name: string): string => {
    const found = reasons.get(name);
    const state = now[name] ?? found?.verdict ?? 'gone';
    const since = found === undefined ? '' : ` since ${found.since}: ${found.reason}`;
    return `- ${name}: ${told[name] ?? 'well'} → ${state}${since}`;
  };
  const others = Object.keys(now).filter((name) => !changed.includes(name));
  return {
    subject: changed.length === 1 ? `Patrol: ${changed[0]} changed` : `Patrol: ${changed.length} agents changed`,
    body: [
      'The watchdog sees these changes:',
      ...changed.map(line),
      ...(others.length === 0 ? [] : ['', 'Unchanged:', ...others.map((name) => `- ${name}: ${now[name]}`)]),
      '',
      'Look at the evidence ("ov why <agent>", "ov status --json"), act by your ladder, then end the turn. You are woken again when a verdict changes.',
    ].join('\n'),
  };
}
