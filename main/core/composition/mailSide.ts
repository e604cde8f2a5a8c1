import type { Config } from '../config/schema.ts';
import type { ServicesOptions } from '../engineServicesOptions.ts';
import { createMailChores } from '../mail/mailChores.ts';
import { createMailFollowUp, type MailFollowUp } from '../mail/mailFollowUp.ts';
import { createMailService, type MailService } from '../mail/mailService.ts';
import { createWakeService, type WakeService } from '../mail/wakeService.ts';
import type { RoomSide } from './roomSide.ts';

/** Mail: sending and reading, what is done with it later, whom it wakes, and what has to be done by itself. */
export interface MailSide {
  readonly mail: MailService;
  readonly followUp: MailFollowUp;
  readonly wakes: WakeService;
  /** At a time in milliseconds; gives when it wants to be called next. */
  readonly chores: (now: number) => number;
}

/** `heldBy` says why an agent gets no turn at all, in one line; null when nothing holds it. */
export function composeMailSide(
  options: Pick<ServicesOptions, 'overstoryDirectory' | 'stores' | 'clock' | 'log'>,
  parts: {
    readonly roomSide: RoomSide;
    readonly config: () => Config;
    readonly heldBy: (agentName: string) => string | null;
  },
): MailSide {
  const { overstoryDirectory, stores, clock, log } = options;
  const { changes } = parts.roomSide;
  const mail = createMailService({
    overstoryDirectory,
    mail: stores.mail,
    sessions: stores.sessions,
    events: stores.events,
    changes,
    clock,
  });
  const wakes = createWakeService({
    mail: stores.mail,
    sessions: stores.sessions,
    control: stores.control,
    settings: () => parts.config().controlRoom.mail.wake,
    clock,
  });
  const followUp = createMailFollowUp({
    mail: stores.mail,
    sessions: stores.sessions,
    service: mail,
    changes,
    waitsFor: (message) =>
      (message.delivery?.state === 'queued' ? parts.heldBy(message.to) : null) ?? wakes.waitsFor(message),
    dismiss(attentionId) {
      stores.control.dismiss(attentionId);
      changes.attention();
    },
  });
  const chores = createMailChores({
    mail: stores.mail,
    sessions: stores.sessions,
    control: stores.control,
    service: mail,
    changes,
    clock,
    log,
  });
  return { mail, followUp, wakes, chores };
}
