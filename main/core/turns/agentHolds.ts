import { z } from 'zod';
import { type AgentHold as AgentHoldView, HOLD_KINDS } from '../../../contract/agents.ts';
import { Timestamp } from '../../../contract/ids.ts';
import type { ControlStore } from '../control/controlStore.ts';

/** Why an agent gets no turn although mail may wait; kept over restarts. */
const AgentHold = z.object({
  kind: z.enum(HOLD_KINDS),
  since: Timestamp,
  /** ISO; null when a person has to end it. */
  until: Timestamp.nullable(),
  reason: z.string(),
  /** Runtime that refused, for login and quota. */
  runtime: z.string().nullable(),
  /** Of a take-over: how far it is, and the run of its program on the terminal. */
  takeOver: z
    .object({
      phase: z.enum(['stopping', 'open', 'returning']),
      tag: z.string(),
      conversationId: z.string().nullable(),
    })
    .nullable(),
});
export type AgentHold = z.infer<typeof AgentHold>;

/** Holds of all agents, an agent has one at most. Written by the engine alone, which holds the project's lease. */
export interface AgentHolds {
  get(agentName: string): AgentHold | null;
  all(): ReadonlyMap<string, AgentHold>;
  put(agentName: string, hold: AgentHold): void;
  /** True when there was one. */
  remove(agentName: string): boolean;
}

/** Name of the setting that keeps them (control-room.db). */
const SETTING = 'agents.held';

/** Opens the holds; what cannot be understood, as after a change by hand, holds nobody. */
export function openAgentHolds(
  control: Pick<ControlStore, 'getSetting' | 'putSetting'>,
  onChange: (agentName: string) => void,
): AgentHolds {
  const stored = z.record(z.string(), AgentHold).safeParse(control.getSetting(SETTING));
  const holds = new Map(Object.entries(stored.success ? stored.data : {}));
  const save = (agentName: string): void => {
    control.putSetting(SETTING, Object.fromEntries(holds));
    onChange(agentName);
  };
  return {
    get: (agentName) => holds.get(agentName) ?? null,
    all: () => holds,
    put(agentName, hold) {
      holds.set(agentName, hold);
      save(agentName);
    },
    remove(agentName) {
      if (!holds.delete(agentName)) return false;
      save(agentName);
      return true;
    },
  };
}

/** What faces see of a hold. */
export function holdView(hold: AgentHold | null): AgentHoldView | null {
  if (hold === null) return null;
  const { kind, since, until, reason } = hold;
  return { kind, since, until, reason };
}
