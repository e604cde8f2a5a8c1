import type { Result } from '../../../contract/result.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SecureLaunch } from '../agents/secureLaunch.ts';
import type { Changes } from '../changes.ts';
import type { Log } from '../engineLog.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { MailStore } from '../mail/mailStore.ts';
import type { PriceRule } from '../metrics/pricing.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import type { Terminals } from '../terminals/terminals.ts';
import type { AgentHolds } from './agentHolds.ts';
import type { LaunchFacts } from './launchSettings.ts';
import type { EndedTurn } from './settleTurn.ts';
import type { TurnLocks } from './turnLock.ts';
import type { TurnStore } from './turnStore.ts';

/** What the turn engine works with. */
export interface TurnEngineOptions {
  readonly projectRoot: string;
  readonly overstoryDirectory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly sessions: SessionStore;
  readonly mail: MailStore;
  readonly events: EventStore;
  readonly turns: TurnStore;
  readonly locks: TurnLocks;
  readonly terminals: Terminals;
  readonly holds: AgentHolds;
  readonly changes: Changes;
  /** Folder with the `ov` command, put first on every agent's PATH. */
  readonly commandFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly maxAttempts: () => number;
  /** Prices of models for turns whose runtime tells no dollars; absent: the built-in table. */
  readonly prices?: () => readonly PriceRule[];
  /** Facts of an agent's launch, or why there can be no turn. */
  readonly launchFacts: (agentName: string) => Promise<Result<LaunchFacts>>;
  readonly adapter: (runtime: string) => Result<RuntimeAdapter>;
  /** Asked before a turn is written down: the command to start instead, or why it may not start. Absent: as planned. */
  readonly secure?: SecureLaunch;
  /** Why an agent died or failed, for its view; null clears it. */
  readonly setReason: (agentName: string, reason: string | null) => void;
  /** Waited for before a running turn is ended: its uncommitted work is kept first. Must not throw. */
  readonly beforeKill?: (agentName: string, why: string) => Promise<void>;
  /** Called once a turn's end is stored, before anything follows from it, and waited for. Must not throw. */
  readonly onTurnEnded?: (ended: EndedTurn) => void | Promise<void>;
  /** Called when a turn's process runs, started or found running by this engine. */
  readonly onStarted?: (agentName: string) => void;
  /** Called when a turn has ended and its mail is settled. */
  readonly onSettled: (agentName: string) => void;
}
