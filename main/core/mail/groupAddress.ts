import { fail, ok, type Result } from '../../../contract/result.ts';

/** Capabilities that have a group of their own, singular and plural; there is none for orchestrators (spec 02 §1.5). */
const GROUP_CAPABILITIES = [
  'builder',
  'scout',
  'reviewer',
  'lead',
  'merger',
  'supervisor',
  'coordinator',
  'monitor',
] as const;

const CAPABILITY_OF: ReadonlyMap<string, string> = new Map(
  GROUP_CAPABILITIES.flatMap((capability) => [
    [`@${capability}`, capability],
    [`@${capability}s`, capability],
  ]),
);

/** Every group address: `@all` and the sixteen names of capabilities. */
export const GROUP_ADDRESSES: readonly string[] = ['@all', ...CAPABILITY_OF.keys()];

/** True when an address names a group, known or not. */
export function isGroupAddress(address: string): boolean {
  return address.startsWith('@');
}

/**
 * Names of the agents a group address stands for, in the order given, without the sender (spec 02 §1.5). `active` are
 * the sessions in an active state; their capability is matched exactly, the address in any case.
 */
export function resolveGroupAddress(
  address: string,
  active: readonly { readonly agentName: string; readonly capability: string }[],
  sender: string,
): Result<readonly string[]> {
  const group = address.toLowerCase();
  const capability = CAPABILITY_OF.get(group);
  if (group !== '@all' && capability === undefined) {
    return fail('validation', `Unknown group address "${address}": use one of ${GROUP_ADDRESSES.join(', ')}`, {
      field: 'to',
    });
  }
  const names = active
    .filter((session) => capability === undefined || session.capability === capability)
    .map((session) => session.agentName)
    .filter((name) => name !== sender);
  if (names.length === 0) {
    return fail('validation', `Group "${address}" resolved to zero recipients: no other active agent belongs to it`, {
      field: 'to',
    });
  }
  return ok(names);
}
