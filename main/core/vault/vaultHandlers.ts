import { LIMITS } from '../../../contract/limits.ts';
import { ok } from '../../../contract/result.ts';
import type { RoomHandlers } from '../../../contract/room.ts';
import type { Vault } from './vaultService.ts';

type VaultProcedure = Extract<keyof RoomHandlers, `vault.${string}`>;

/** The vault's procedures of the room. */
export function vaultHandlers(vault: Vault): Pick<RoomHandlers, VaultProcedure> {
  return {
    'vault.snapshot': (input) => vault.snapshot(input.agentName ?? null, input.detail),
    async 'vault.list'(input) {
      const listed = await vault.list(input.checkout ? null : input.agentName);
      return listed.ok ? ok({ snapshots: [...listed.value] }) : listed;
    },
    async 'vault.show'(input) {
      const shown = await vault.show(input.id);
      if (!shown.ok) return shown;
      const { snapshot, files } = shown.value;
      return ok({ snapshot, files: files.slice(0, LIMITS.timelineWindow), fileCount: files.length });
    },
    'vault.diff': (input) => vault.diff(input.id, input.from),
    'vault.restore': (input) => vault.restore(input),
    'vault.drop': (input) => vault.drop(input.ids),
  };
}
