import { ok } from '../../../contract/result.ts';
import type { RoomContract } from '../../../contract/room.ts';
import type { ProcedureInput, ProcedureOutput } from '../../../contract/wire/definition.ts';
import type { PlayedRoom } from '../playedRoom.ts';

type ProcedureName = keyof RoomContract['procedures'];

/** Answers every later call of a name, with what the engine's contract says the answer is. */
export function play<N extends ProcedureName>(
  played: PlayedRoom,
  name: N,
  reply: (input: ProcedureInput<RoomContract, N>) => ProcedureOutput<RoomContract, N>,
): void {
  played.answer(name, (input) => ok(reply(input as ProcedureInput<RoomContract, N>)));
}
