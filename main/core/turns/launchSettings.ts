import type { Capability } from '../../../contract/agents.ts';
import type { ModelGateway } from '../runtimes/models.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';

/** What an agent was launched with; kept for its later turns (D-15: the reference forgets a launch-time runtime). */
export interface LaunchSettings {
  readonly runtime: string;
  readonly model: string | null;
  readonly specPath: string | null;
  readonly files: readonly string[];
}

/** Everything the next turn of an agent is planned from. */
export interface LaunchFacts {
  readonly session: AgentSession;
  readonly capability: Capability;
  readonly settings: LaunchSettings;
  /** Added to the environment by the project's model, provider and environment settings. */
  readonly modelEnv: Readonly<Record<string, string>>;
  /** Gateway of the model, for runtimes that are told by arguments; null or absent: none. */
  readonly gateway?: ModelGateway | null;
  readonly settingsFile: string | null;
  readonly systemPromptFile: string | null;
}
