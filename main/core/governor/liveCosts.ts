import type { LiveCost, LiveCostsInput, LiveTotals } from '../../../contract/governor.ts';
import type { TokenSnapshot } from '../metrics/metricsStore.ts';
import type { Stores } from '../stores.ts';

/** Answer of `costs.live`. */
export interface LiveCostsReply {
  readonly agents: LiveCost[];
  readonly totals: LiveTotals;
}

const MINUTE_MS = 60_000;

/** An agent that lives, and what was last known of its use. */
export interface LiveFacts {
  readonly agentName: string;
  readonly capability: string;
  /** ISO. */
  readonly startedAt: string;
  readonly snapshot: TokenSnapshot;
}

/**
 * What the agents that live have used by their newest snapshot (spec 03 §2.4). Pure. Rates are sums of each agent's own rate
 * since it was started: the reference divides the sum by the mean age, which counts several agents as one.
 * @param now milliseconds since the epoch.
 */
export function liveCosts(facts: readonly LiveFacts[], now: number): LiveCostsReply {
  const agents = facts.map(({ agentName, capability, startedAt, snapshot }): LiveCost => {
    const { inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens } = snapshot;
    return {
      agentName,
      capability,
      inputTokens,
      outputTokens,
      cacheReadTokens,
      cacheCreationTokens,
      estimatedCostUsd: snapshot.estimatedCostUsd,
      modelUsed: snapshot.modelUsed,
      snapshotAt: snapshot.createdAt,
      sessionStartedAt: startedAt,
      elapsedMs: Math.max(0, now - Date.parse(startedAt)),
    };
  });
  const sum = (pick: (agent: LiveCost) => number): number => agents.reduce((total, agent) => total + pick(agent), 0);
  const rate = (pick: (agent: LiveCost) => number): number =>
    sum((agent) => (agent.elapsedMs === 0 ? 0 : (pick(agent) * MINUTE_MS) / agent.elapsedMs));
  const cache = (agent: LiveCost): number => agent.cacheReadTokens + agent.cacheCreationTokens;
  return {
    agents,
    totals: {
      inputTokens: sum((agent) => agent.inputTokens),
      outputTokens: sum((agent) => agent.outputTokens),
      cacheTokens: sum(cache),
      costUsd: sum((agent) => agent.estimatedCostUsd ?? 0),
      burnRatePerMin: rate((agent) => agent.estimatedCostUsd ?? 0),
      tokensPerMin: rate((agent) => agent.inputTokens + agent.outputTokens + cache(agent)),
    },
  };
}

/** Agents that live and have a snapshot, of all or of one run or name. */
export function listLiveCosts(
  stores: Pick<Stores, 'sessions' | 'metrics'>,
  input: LiveCostsInput,
  now: number,
): LiveCostsReply {
  const snapshots = new Map(stores.metrics.getLatestSnapshots(input.run).map((each) => [each.agentName, each]));
  const facts = stores.sessions.getActive().flatMap((session): LiveFacts[] => {
    const snapshot = snapshots.get(session.agentName);
    if (snapshot === undefined || (input.agent !== undefined && session.agentName !== input.agent)) return [];
    const { agentName, capability, startedAt } = session;
    return [{ agentName, capability, startedAt, snapshot }];
  });
  return liveCosts(facts, now);
}
