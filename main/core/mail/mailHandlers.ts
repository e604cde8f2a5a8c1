import type { mailProcedures } from '../../../contract/mailProcedures.ts';
import { ok } from '../../../contract/result.ts';
import type { RoomHandlers } from '../../../contract/room.ts';
import type { MailFollowUp } from './mailFollowUp.ts';
import type { WakeService } from './wakeService.ts';

const DAY_MS = 86_400_000;

/** The mail procedures beyond sending and reading, over their services; nothing is decided here. */
export function mailHandlers(options: {
  readonly followUp: MailFollowUp;
  readonly wakes: WakeService;
  /** Another policy may make mail due. */
  readonly wake: () => void;
}): Pick<RoomHandlers, keyof typeof mailProcedures> {
  const { followUp, wakes } = options;
  return {
    'mail.trace': (input) => followUp.trace(input.messageId),
    'mail.acknowledge': (input) => followUp.acknowledge(input.messageId, input.from),
    'mail.forward': (input) => followUp.forward(input),
    'mail.answer': (input) => followUp.answer(input.messageId, input.answer, input.from),
    'mail.delete': (input) => followUp.remove(input.messageId),
    'mail.purge': ({ all, days, agent }) =>
      followUp.purge({
        all,
        ...(days === undefined ? {} : { olderThanMs: days * DAY_MS }),
        ...(agent === undefined ? {} : { agent }),
      }),
    'mail.wakeRules': (input) => ok({ rules: [...wakes.rules(input.agentName)] }),
    'mail.setWake'(input) {
      wakes.say(input.agentName, input.type, input.policy);
      options.wake();
      return ok({ rules: [...wakes.rules(input.agentName)] });
    },
  };
}
