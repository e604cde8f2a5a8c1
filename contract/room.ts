import { procedures } from './procedures.ts';
import { topics } from './topics.ts';
import { PROTOCOL_VERSION } from './version.ts';
import type { Client, Contract, Handlers } from './wire/definition.ts';

/** The contract between the engine and its faces. */
export const roomContract = {
  name: 'room',
  protocol: PROTOCOL_VERSION,
  procedures,
  topics,
} as const satisfies Contract;

export type RoomContract = typeof roomContract;
export type RoomClient = Client<RoomContract>;
export type RoomHandlers = Handlers<RoomContract>;
