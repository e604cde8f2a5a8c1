import type { AgentView } from '../../contract/agents.ts';
import { stableList } from './reuse.ts';

/** Names of all agents, in alphabetical order; the same list until one comes or goes. */
export const selectAgentNames = stableList((byId: Readonly<Record<string, AgentView>>) => Object.keys(byId).sort());
