import type { CostFigures, CostGroup, CostOverview } from '../../../contract/costs.ts';
import { ago } from '../../testing/fixtures.ts';

const FIGURES: CostFigures = {
  agents: 1,
  turns: 3,
  runningTurns: 0,
  unpricedTurns: 0,
  silentTurns: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  reportedUsd: 0,
  estimatedUsd: 0,
  usd: null,
  lastAt: ago(60),
};

/** A row of the costs, for tests; give what differs. */
export function costGroup(key: string, more: Partial<CostGroup> = {}): CostGroup {
  return { ...FIGURES, key, capability: 'builder', model: 'sonnet', runtime: 'claude', taskId: 'OV-1', ...more };
}

/** An overview of these rows, for tests; give what differs. */
export function costOverview(groups: readonly CostGroup[], more: Partial<CostOverview> = {}): CostOverview {
  const usd = groups.reduce((sum, group) => sum + (group.usd ?? 0), 0);
  return {
    totals: { ...FIGURES, agents: groups.length, turns: groups.length * 3, usd, reportedUsd: usd },
    groups: [...groups],
    moreGroups: 0,
    roles: [costGroup('builder', { usd })],
    lastHour: Array.from({ length: 60 }, (_, minute) => (minute % 7) / 10),
    burnUsdPerMinute: 0.12,
    caps: [],
    notes: [],
    triage: { asked: 0, failed: 0, charactersIn: 0, charactersOut: 0, tokensIn: 0, tokensOut: 0 },
    merging: { asked: 0, failed: 0, charactersIn: 0, charactersOut: 0, ms: 0 },
    ...more,
  };
}
