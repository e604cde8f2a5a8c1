import type { AttentionItem } from '../../../contract/attention.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import { retryDelay } from './turnOutcome.ts';

/**
 * Turns that cannot even be written down: a full disk, a log folder this user may not write. No attempt of the agent is
 * counted and no mail is lost; they are tried again with growing waits, and a person is told once for each cause.
 */
export interface StartTroubles {
  /** Notes a start that failed. @returns milliseconds until it is to be tried again. */
  failed(agentName: string, reason: string): number;
  /** A turn of this agent could be written down, or it is over. */
  over(agentName: string): void;
  /** What the agent waits for; null when nothing is wrong. */
  retryOf(
    agentName: string,
  ): { readonly attempt: number; readonly nextAttemptAt: string; readonly reason: string } | null;
  /** One for each cause, whoever it keeps from working. */
  items(): readonly AttentionItem[];
}

interface Trouble {
  readonly reason: string;
  readonly tries: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly nextAt: number;
}

/** Names shown of many agents with one cause. */
const NAMES_SHOWN = 5;

/** Kept in memory: an engine that starts anew finds out by trying. `onChange` is called when what a person sees changes. */
export function createStartTroubles(clock: Clock, onChange: (agentName: string) => void): StartTroubles {
  const troubles = new Map<string, Trouble>();
  return {
    failed(agentName, reason) {
      const before = troubles.get(agentName);
      const tries = (before?.tries ?? 0) + 1;
      const wait = retryDelay(tries);
      const now = clock.now();
      const since = before?.reason === reason ? before.since : now;
      troubles.set(agentName, { reason, tries, since, nextAt: now + wait });
      onChange(agentName);
      return wait;
    },
    over(agentName) {
      if (troubles.delete(agentName)) onChange(agentName);
    },
    retryOf(agentName) {
      const trouble = troubles.get(agentName);
      if (trouble === undefined) return null;
      return { attempt: trouble.tries, nextAttemptAt: timestamp(trouble.nextAt), reason: trouble.reason };
    },
    items() {
      const causes = new Map<string, { names: string[]; since: number }>();
      for (const [agentName, { reason, since }] of troubles) {
        const cause = causes.get(reason) ?? { names: [], since };
        causes.set(reason, { names: [...cause.names, agentName], since: Math.min(cause.since, since) });
      }
      return [...causes].map(([reason, { names, since }]) => ({
        id: `error:start:${timestamp(since)}`,
        kind: 'error',
        agent: names.length === 1 ? (names[0] ?? null) : null,
        taskId: null,
        title:
          names.length === 1
            ? `${names[0]} cannot begin its turn`
            : `${names.length} agents cannot begin their turns: ${shortened(names)}`,
        detail: `${reason}. It is tried again at least once a minute; mail waits and is not lost`,
        options: [],
        mailId: null,
        mergeId: null,
        at: timestamp(since),
      }));
    },
  };
}

function shortened(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
