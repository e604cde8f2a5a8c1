import type { AgentEvidence } from '../../../contract/evidence.ts';
import type { Result } from '../../../contract/result.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Changes } from '../changes.ts';
import type { OwnWatchdogSettings } from '../config/ownWatchdog.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../engineLog.ts';
import type { DueAgent } from '../mail/mailDeliveryStore.ts';
import type { Stores } from '../stores.ts';
import type { TurnEngine } from '../turns/turnEngine.ts';
import type { TerminalFacts } from './gather.ts';
import type { ProcessTable } from './probes/processTable.ts';
import type { AskModel } from './triageRunner.ts';

/** What the watchdog works with. Everything it does to an agent goes through here. */
export interface WatchdogOptions {
  readonly clock: Clock;
  /** Milliseconds that never jump; performance.now of the engine. */
  readonly monotonic?: () => number;
  readonly log: Log;
  readonly config: () => Pick<Config, 'watchdog' | 'coordinator'> & {
    readonly controlRoom: { readonly watchdog: OwnWatchdogSettings };
  };
  readonly overstoryDirectory: string;
  readonly projectRoot: string;
  readonly stores: Pick<
    Stores,
    'sessions' | 'turns' | 'mail' | 'events' | 'runs' | 'control' | 'mergeQueue' | 'watchdog'
  >;
  readonly engine: Pick<TurnEngine, 'activeTurn' | 'activeTurns' | 'isBusy' | 'interrupt' | 'reconcile'>;
  /** The agent's terminal at the pty host; null when there is none or the host cannot be asked. */
  readonly terminal: (agentName: string) => TerminalFacts | null;
  /** Ends whatever runs in the agent's terminal, with all that descends from it. */
  readonly endTerminal: (agentName: string) => Promise<Result<unknown>>;
  /** A person works in the agent's terminal. */
  readonly takenOver: (agentName: string) => boolean;
  /** Mailboxes whose mail gives their reader a turn, at a time in milliseconds; absent: all queued mail does. */
  readonly dueMail?: (now: number) => readonly DueAgent[];
  /** Why it gets no turn though mail is due (login, quota, a cap, a pause), in one line; null when nothing holds it. */
  readonly held: (agentName: string) => string | null;
  /** Title of the question a person has not answered. */
  readonly asks: (agentName: string) => string | null;
  readonly paused: () => boolean;
  readonly nudge: (agentName: string, message: string) => Promise<Result<{ readonly delivered: boolean }>>;
  /** Asks the agent's runtime one question; null where it has no print command. */
  readonly ask: AskModel;
  readonly wake: () => void;
  readonly changes: Changes;
  /** The attention queue has to be derived anew. */
  readonly onFindings: () => void;
  readonly publish: (put: readonly AgentEvidence[], remove: readonly string[]) => void;
  readonly onTick: () => void;
  /** A person gave a rule another mode. */
  readonly onPolicy?: () => void;
  /** For tests and the bench. */
  readonly readProcesses?: () => Promise<ProcessTable | null>;
}
