import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../engineLog.ts';
import type { Stores } from '../stores.ts';
import type { AgentHolds } from './agentHolds.ts';
import type { TurnEngine } from './turnEngine.ts';
import type { EndedBy } from './turnOutcome.ts';

/**
 * Takes over what an earlier engine left (architecture.md §2): mail that was claimed for a turn that never came to be goes
 * back to its queue at once; every turn that still counts as running is adopted, which settles those that have ended.
 */
export async function recoverTurns(options: {
  readonly stores: Pick<Stores, 'turns' | 'mail'>;
  readonly engine: TurnEngine;
  readonly holds: AgentHolds;
  /** The machine was started anew since the last engine ran: no process of then lives. */
  readonly rebooted: boolean;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<void> {
  const { stores, engine, holds, clock, log } = options;
  const endedBy = (agentName: string): EndedBy | null => {
    if (options.rebooted) return 'reboot';
    // The earlier engine was in the middle of ending it for a person.
    return holds.get(agentName)?.kind === 'takenOver' ? 'takeOver' : null;
  };
  for (const turnId of stores.mail.injectedTurnIds()) {
    if (stores.turns.get(turnId)?.state === 'running') continue;
    stores.mail.settleTurn(turnId, {
      kind: 'requeue',
      at: clock.now(),
      reason: 'the engine ended before the turn began',
      uncounted: true,
    });
  }
  const running = stores.turns.running();
  if (running.length > 0) log('info', 'adopting turns of an earlier engine', { turns: running.length });
  await Promise.all(
    running.map((turn) =>
      engine.adopt(turn, endedBy(turn.agentName)).catch((error: unknown) => {
        // One unreadable log must not keep the others from being adopted; this one is tried again at the next start.
        log('error', 'turn could not be adopted', {
          turn: turn.turnId,
          error: error instanceof Error ? error.stack : String(error),
        });
      }),
    ),
  );
}
