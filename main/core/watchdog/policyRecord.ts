import { POLICY } from '../../../contract/history.ts';
import type { WatchdogPolicy } from '../../../contract/watchdogPolicy.ts';
import type { ControlStore } from '../control/controlStore.ts';

/**
 * Keeps the policy in force as a setting, whose changes the history records: a replay shows by what was judged then, also
 * where config.yaml said it.
 */
export function createPolicyRecord(
  control: Pick<ControlStore, 'getSetting' | 'putSetting'>,
  read: () => WatchdogPolicy,
): { note(): void } {
  return {
    note() {
      const policy = read();
      if (JSON.stringify(control.getSetting(POLICY)) !== JSON.stringify(policy)) control.putSetting(POLICY, policy);
    },
  };
}
