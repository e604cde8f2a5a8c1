import { type Clock, timestamp } from '../../platform/clock.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { MailStore } from '../mail/mailStore.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { isTerminal } from '../sessions/transitions.ts';
import type { AgentHolds } from './agentHolds.ts';
import { holdReason } from './settleTurn.ts';

/** Name of the setting that keeps which start of the machine an engine last ran in. */
const BOOT = 'engine.bootId';

/** Writes down this start of the machine. True when the last engine of this project ran in another one. */
export function noteBoot(control: Pick<ControlStore, 'getSetting' | 'putSetting'>, bootId: string | null): boolean {
  const before = control.getSetting(BOOT);
  // A system that does not say proves nothing, and neither does the first engine of a project.
  if (bootId === null) return false;
  if (before !== bootId) control.putSetting(BOOT, bootId);
  return typeof before === 'string' && before !== bootId;
}

/**
 * After a restart of the machine nothing starts by itself: whoever has mail waiting gets no turn until a person resumes
 * it. Agents that rested without mail are left alone; a resumed colleague's mail may wake them as ever.
 */
export function offerResumes(options: {
  readonly mail: Pick<MailStore, 'queuedCounts'>;
  readonly sessions: Pick<SessionStore, 'getByName'>;
  readonly holds: AgentHolds;
  readonly clock: Clock;
}): void {
  const since = timestamp(options.clock.now());
  for (const [agentName, count] of options.mail.queuedCounts()) {
    const session = options.sessions.getByName(agentName);
    if (count === 0 || session === null || isTerminal(session.state) || session.tmuxSession !== '') continue;
    if (options.holds.get(agentName) !== null) continue;
    const why = `${count === 1 ? '1 mail' : `${count} mails`} waited when the machine was started anew`;
    options.holds.put(agentName, {
      kind: 'resumeOffer',
      since,
      until: null,
      reason: holdReason({ kind: 'resumeOffer', until: null }, '', agentName, why),
      runtime: null,
      takeOver: null,
    });
  }
}
