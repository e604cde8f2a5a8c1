import { GROUP_ADDRESSES } from '../../stores/mailFolders.ts';

/** Addresses offered while one is typed, at most this many. */
const OFFERED = 8;

/** Agents and groups that match what was typed: those that begin with it first. Case does not matter. */
export function completeAddress(typed: string, agentNames: readonly string[]): readonly string[] {
  const wanted = typed.trim().toLowerCase();
  const known = [...agentNames, ...GROUP_ADDRESSES];
  const starts = known.filter((address) => address.toLowerCase().startsWith(wanted));
  const contains = known.filter(
    (address) => !address.toLowerCase().startsWith(wanted) && address.toLowerCase().includes(wanted),
  );
  const found = [...starts, ...contains].slice(0, OFFERED);
  return found.length === 1 && found[0] === typed ? [] : found;
}
