import { join } from 'node:path';
import type { WorktreeRow } from '../../contract/cleanup.ts';
import type { CostsInput, LiveCostsInput } from '../../contract/governor.ts';
import { ok, type Result } from '../../contract/result.ts';
import { NO_CHANGES } from '../core/changes.ts';
import { agentWorktrees, worktreeRow } from '../core/cleanup/worktreeRows.ts';
import { loadConfig } from '../core/config/loadConfig.ts';
import { type CostsReply, listCosts } from '../core/governor/costs.ts';
import { openGates } from '../core/governor/gates.ts';
import { readGovernorState } from '../core/governor/governorState.ts';
import { type LiveCostsReply, listLiveCosts } from '../core/governor/liveCosts.ts';
import { startOfDay } from '../core/governor/scopeUsage.ts';
import { createMailFollowUp, type MailFollowUp } from '../core/mail/mailFollowUp.ts';
import { createMailService, type MailService } from '../core/mail/mailService.ts';
import type { MailStore } from '../core/mail/mailStore.ts';
import { NO_WAKE_SETTINGS } from '../core/mail/wakeRules.ts';
import { createWakeService, type WakeService } from '../core/mail/wakeService.ts';
import { deriveAttention, openQuestions } from '../core/room/attentionRules.ts';
import { createRoomReader } from '../core/room/roomReader.ts';
import { openStores, type Stores } from '../core/stores.ts';
import { openAgentHolds } from '../core/turns/agentHolds.ts';
import { createWorktrees } from '../core/worktrees/worktrees.ts';
import { systemClock } from '../platform/clock.ts';
import type { RoomSnapshot } from './roomSnapshot.ts';

/** Opens the stores for one command while no engine runs, and closes them afterwards. */
async function withStores<Value>(
  projectRoot: string,
  use: (stores: Stores, overstoryDirectory: string) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const overstoryDirectory = join(projectRoot, '.overstory');
  const stores = await openStores(overstoryDirectory);
  if (!stores.ok) return stores;
  try {
    return await use(stores.value, overstoryDirectory);
  } finally {
    stores.value.close();
  }
}

/** The room as the stores tell it, without an engine. */
export function readOffline(projectRoot: string): Promise<Result<RoomSnapshot>> {
  return withStores(projectRoot, async (stores) => {
    const holds = openAgentHolds(stores.control, () => {});
    const reader = createRoomReader({
      stores,
      engine: () => ({ activeTurn: () => null }),
      holds: () => holds,
      governor: () => ({
        gates: () => openGates(readGovernorState(stores.control), startOfDay(systemClock.now()).id),
        holdOf: () => null,
        fleetPaused: () => false,
        view: () => {
          throw new Error('an offline room has no status');
        },
      }),
      tasks: () => [],
      merges: () => [],
      terminals: () => [],
      currentRun: () => null,
      status: () => {
        throw new Error('an offline room has no status');
      },
    });
    const attention = deriveAttention(reader.attentionFacts());
    return ok({ agents: reader.agents(reader.agentNames(), openQuestions(attention)), attention, status: null });
  });
}

/** Costs as the stores tell them, without an engine. */
export function listCostsOffline(projectRoot: string, input: CostsInput): Promise<Result<CostsReply>> {
  return withStores(projectRoot, async (stores) => ok(listCosts(stores, input, null)));
}

/** Costs of living agents as the stores tell them, without an engine. */
export function listLiveCostsOffline(projectRoot: string, input: LiveCostsInput): Promise<Result<LiveCostsReply>> {
  return withStores(projectRoot, async (stores) => ok(listLiveCosts(stores, input, systemClock.now())));
}

/** Mail services over the stores alone. */
export interface OfflineMail {
  readonly service: MailService;
  readonly store: MailStore;
  readonly followUp: MailFollowUp;
  readonly wakes: WakeService;
}

/** Mail without an engine: durable all the same, delivered when an engine next runs. */
export function withOfflineMail<Value>(
  projectRoot: string,
  use: (mail: OfflineMail) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  return withStores(projectRoot, async (stores, overstoryDirectory) => {
    const config = await loadConfig(projectRoot);
    const { mail: store, sessions, events, control } = stores;
    const service = createMailService({ overstoryDirectory, mail: store, sessions, events, changes: NO_CHANGES });
    const wakes = createWakeService({
      mail: store,
      sessions,
      control,
      // A config that cannot be read is the engine's to tell of: mail goes on.
      settings: () => (config.ok ? config.value.config.controlRoom.mail.wake : NO_WAKE_SETTINGS),
      clock: systemClock,
    });
    const followUp = createMailFollowUp({
      mail: store,
      sessions,
      service,
      changes: NO_CHANGES,
      waitsFor: (message) =>
        wakes.waitsFor(message) ??
        (message.delivery?.state === 'queued' ? 'an engine: none runs, "ov serve" starts one' : null),
      dismiss: (id) => control.dismiss(id),
    });
    return use({ service, store, followUp, wakes });
  });
}

/** Worktrees of agents, without an engine. */
export function listWorktreesOffline(projectRoot: string): Promise<Result<readonly WorktreeRow[]>> {
  return withStores(projectRoot, async (stores) => {
    const config = await loadConfig(projectRoot);
    if (!config.ok) return config;
    const worktrees = createWorktrees(projectRoot, config.value.config.worktrees.baseDir);
    const found = await agentWorktrees(worktrees, stores.sessions);
    return found.ok ? ok(found.value.map(worktreeRow)) : found;
  });
}
