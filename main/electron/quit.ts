import type { Dialog } from 'electron';
import type { EngineLink } from './engineHost.ts';

/** What a person chose while agents work. */
export type QuitChoice = 'keepRunning' | 'stopAgents' | 'cancel';

/** What quitting does, step by step. */
export type QuitPlan =
  | { readonly kind: 'ask'; readonly working: number }
  /** The engine goes on in a process of its own, agents never notice. */
  | { readonly kind: 'handOver' }
  /** Nothing is in flight, or the engine is not ours to end: just let go. */
  | { readonly kind: 'letGo' }
  | { readonly kind: 'stopThenLetGo' }
  | { readonly kind: 'stay' };

/**
 * Decides what quitting means (architecture.md §1 "Attach", ui.md "Desktop"). Pure.
 * @param choice null until the person was asked.
 */
export function planQuit(input: {
  readonly mode: EngineLink['mode'] | null;
  readonly working: number;
  readonly choice: QuitChoice | null;
}): QuitPlan {
  if (input.mode === null) return { kind: 'letGo' };
  if (input.choice === 'cancel') return { kind: 'stay' };
  if (input.choice === 'stopAgents') return { kind: 'stopThenLetGo' };
  if (input.working > 0 && input.choice === null) return { kind: 'ask', working: input.working };
  return input.mode === 'embedded' && input.working > 0 ? { kind: 'handOver' } : { kind: 'letGo' };
}

/** The question before projects are left. */
export async function askQuit(
  dialog: Pick<Dialog, 'showMessageBox'>,
  working: number,
  projects = 1,
): Promise<QuitChoice> {
  const counted = working === 1 ? '1 agent is working' : `${working} agents are working`;
  const agents = projects === 1 ? counted : `${counted} in ${projects} projects`;
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: `${agents}. What should happen to them?`,
    detail: 'Kept running, they go on in the background; opening the project again, or "ov", finds them there.',
    buttons: ['Keep running in background', 'Stop agents', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  });
  return response === 0 ? 'keepRunning' : response === 1 ? 'stopAgents' : 'cancel';
}

/** One open project. */
export interface QuitRoom {
  /** Present engine; null before there was one. */
  link(): EngineLink | null;
  /** Lets go of it, wherever it runs: ends an embedded one, leaves another's alone. */
  letGo(): Promise<void>;
  /** Names of the agents that would be cut off. */
  working(): readonly string[];
  stopAgents(names: readonly string[]): Promise<void>;
  /** Asks an engine in another process to end. */
  endEngine(): Promise<void>;
  /** Starts the background engine after the embedded one let go of the project. Throws a readable line. */
  startBackground(projectRoot: string): Promise<void>;
  say(line: string): void;
}

/**
 * Leaves every open project. Asks at most once, for all of them, and before anything is done; true when the app may end
 * now, false when it stays.
 */
export async function quitRooms(dialog: Pick<Dialog, 'showMessageBox'>, rooms: readonly QuitRoom[]): Promise<boolean> {
  const choice = await askToLeave(dialog, rooms);
  if (choice === 'cancel') return false;
  await leaveRooms(rooms, choice);
  return true;
}

/** Asks what becomes of agents at work in these projects; null where none works, and nobody is asked. */
export async function askToLeave(
  dialog: Pick<Dialog, 'showMessageBox'>,
  rooms: readonly QuitRoom[],
): Promise<QuitChoice | null> {
  const asking = rooms.filter((room) => planOf(room, null).kind === 'ask');
  const working = asking.reduce((sum, room) => sum + room.working().length, 0);
  return working === 0 ? null : await askQuit(dialog, working, asking.length);
}

/** Does what was chosen, one project after the other. */
export async function leaveRooms(rooms: readonly QuitRoom[], choice: QuitChoice | null): Promise<void> {
  for (const room of rooms) await quitRoom(room, choice);
}

function planOf(room: QuitRoom, choice: QuitChoice | null): QuitPlan {
  return planQuit({ mode: room.link()?.mode ?? null, working: room.working().length, choice });
}

async function quitRoom(dependencies: QuitRoom, choice: QuitChoice | null): Promise<void> {
  const link = dependencies.link();
  const working = dependencies.working();
  // An agent that began to work after the question goes on: nobody agreed to its end.
  const plan = planOf(dependencies, choice ?? 'keepRunning');
  switch (plan.kind) {
    case 'stay':
    case 'ask':
      return;
    case 'stopThenLetGo':
      await dependencies.stopAgents(working);
      await end(dependencies, link);
      return;
    case 'letGo':
      if (working.length === 0) await end(dependencies, link);
      else await dependencies.letGo();
      return;
    case 'handOver':
      await dependencies.letGo();
      if (link !== null) {
        try {
          await dependencies.startBackground(link.projectRoot);
        } catch (error) {
          // Agents live under the pty host and lose nothing; only their next turns wait for an engine.
          dependencies.say(
            `The background engine did not start: ${error instanceof Error ? error.message : String(error)}`,
          );
        }
      }
      return;
  }
}

/** Nothing is in flight any more: an engine of ours ends, so that nothing is left running behind the person's back. */
async function end(dependencies: QuitRoom, link: EngineLink | null): Promise<void> {
  if (link?.mode === 'attached' && link.startedHere) await dependencies.endEngine();
  await dependencies.letGo();
}
