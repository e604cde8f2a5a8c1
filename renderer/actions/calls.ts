import { fail, type Result } from '../../contract/result.ts';
import type { RoomContract } from '../../contract/room.ts';
import type { ProcedureInput, ProcedureOutput } from '../../contract/wire/definition.ts';
import type { Room } from '../stores/room.ts';

type ProcedureName = keyof RoomContract['procedures'] & string;

/** Calls the engine and shows a failure as a notice; the result says which it was. */
export async function callEngine<N extends ProcedureName>(
  room: Room,
  name: N,
  input: ProcedureInput<RoomContract, N>,
  /** For what may take longer than a call usually does. */
  how: { readonly timeoutMs?: number } = {},
): Promise<Result<ProcedureOutput<RoomContract, N>>> {
  const result = await room.link
    .call(name, input, how)
    // The client turns failures into values; whatever is thrown is a defect of the wire and is shown like any failure.
    .catch((cause: unknown) => fail('internal', `The call ${name} broke off: ${String(cause)}`));
  if (!result.ok) room.notices.say('error', result.error.message);
  return result;
}
