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

/** The question before a project is left, by quitting or for another one. */
export async function askQuit(dialog: Pick<Dialog, 'showMessageBox'>, working: number): Promise<QuitChoice> {
  const agents = working === 1 ? '1 agent is working' : `${working} agents are working`;
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: `${agents}. What should happen to them?`,
    detail: 'Kept running, they go on in the background; the next start of the room, or "ov", finds them there.',
    buttons: ['Keep running in background', 'Stop agents', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  });
  return response === 0 ? 'keepRunning' : response === 1 ? 'stopAgents' : 'cancel';
}

export interface QuitDependencies {
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  /** Present engine; null without a project. */
  link(): EngineLink | null;
  /** Names of the agents that would be cut off. */
  working(): readonly string[];
  stopAgents(names: readonly string[]): Promise<void>;
  /** Asks an engine in another process to end. */
  endEngine(): Promise<void>;
  /** Starts the background engine after the embedded one let go of the project. Throws a readable line. */
  startBackground(projectRoot: string): Promise<void>;
  say(line: string): void;
}

/** Carries quitting out. True when the app may end now; false when it stays. */
export async function quitRoom(dependencies: QuitDependencies): Promise<boolean> {
  const link = dependencies.link();
  const working = dependencies.working();
  const facts = { mode: link?.mode ?? null, working: working.length };
  let plan = planQuit({ ...facts, choice: null });
  if (plan.kind === 'ask') plan = planQuit({ ...facts, choice: await askQuit(dependencies.dialog, plan.working) });
  switch (plan.kind) {
    case 'stay':
    case 'ask':
      return false;
    case 'stopThenLetGo':
      await dependencies.stopAgents(working);
      await end(dependencies, link);
      return true;
    case 'letGo':
      if (working.length === 0) await end(dependencies, link);
      else await link?.close();
      return true;
    case 'handOver':
      await link?.close();
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
      return true;
  }
}

/** Nothing is in flight any more: an engine of ours ends, so that nothing is left running behind the person's back. */
async function end(dependencies: QuitDependencies, link: EngineLink | null): Promise<void> {
  if (link?.mode === 'attached' && link.startedHere) await dependencies.endEngine();
  await link?.close();
}
