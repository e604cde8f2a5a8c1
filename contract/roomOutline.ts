import type { RoomContract } from './room.ts';
import { PROTOCOL_VERSION } from './version.ts';
import type { Client, Contract } from './wire/definition.ts';

const outline = {
  name: 'room',
  protocol: PROTOCOL_VERSION,
  procedures: {},
  topics: {},
  outline: true,
} as const satisfies Contract;

/**
 * The room contract without its schemas, for a command that asks one thing and ends: building the schemas takes longer
 * than asking. The cast lends it the contract's types, which is all that is left of it in such a program.
 */
export const roomOutline = outline as unknown as RoomContract;

/** A client by the outline: everything but following a topic, whose deltas only the whole contract can apply. */
export type BriefRoomClient = Pick<Client<RoomContract>, 'call' | 'snapshot' | 'welcome' | 'onClose' | 'close'>;
