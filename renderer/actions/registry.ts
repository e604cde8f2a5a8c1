import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AgentView } from '../../contract/agents.ts';
import type { ActionGroup } from '../../contract/shellActions.ts';
import type { Room } from '../stores/room.ts';
import { tellDeed } from './deeds.ts';

/** What an action works on: the room, and the agent it was asked for (by default the selected one). */
export interface ActionContext {
  readonly room: Room;
  readonly agent: AgentView | null;
}

/** One thing a person can do. Menu, palette, shortcut and context menu all run the same object (ui.md). */
export interface Action {
  readonly id: string;
  readonly group: ActionGroup;
  title(context: ActionContext): string;
  /** Such as `Mod+K` or `Shift+N`; `Mod` is Cmd on a Mac, Ctrl elsewhere. */
  readonly shortcut?: string;
  /** False where the shortcut must stay with the program in a focused terminal. Default true for `Mod` shortcuts. */
  readonly inTerminal?: boolean;
  /** Further words the palette finds it by. */
  readonly keywords?: string;
  /** True for what needs the engine of now: not offered while a replay is on screen. */
  readonly live?: boolean;
  /** True when it can be done now; others are not offered. */
  when?(context: ActionContext): boolean;
  run(context: ActionContext): void | Promise<void>;
}

export interface ActionRegistry {
  readonly store: StoreApi<{ readonly byId: ReadonlyMap<string, Action> }>;
  /** Adds actions; returns their removal. An id may be registered once at a time. */
  register(actions: readonly Action[]): () => void;
  get(id: string): Action | undefined;
  /** Runs an action when it exists and applies; true when it ran. */
  run(id: string, room: Room, agentName?: string | null): boolean;
}

/** The context an action runs in: the named agent, or the selected one. */
export function actionContext(room: Room, agentName?: string | null): ActionContext {
  const name = agentName ?? room.ui.getState().selectedAgent;
  const byId = room.topics.agents.getState().state.byId;
  return { room, agent: name === null ? null : (byId[name] ?? null) };
}

/** True when an action can be done in this context: it applies, and the past on screen does not stand in its way. */
export function isOffered(action: Action, context: ActionContext): boolean {
  if (action.live === true && context.room.replay !== null) return false;
  return action.when?.(context) ?? true;
}

/** Builds an empty registry. */
export function createActionRegistry(): ActionRegistry {
  const store = createStore<{ readonly byId: ReadonlyMap<string, Action> }>(() => ({ byId: new Map() }));
  return {
    store,
    register(actions) {
      const byId = new Map(store.getState().byId);
      for (const action of actions) {
        if (byId.has(action.id)) throw new Error(`action ${action.id} is registered twice`);
        byId.set(action.id, action);
      }
      store.setState({ byId });
      return () => {
        const rest = new Map(store.getState().byId);
        for (const action of actions) if (rest.get(action.id) === action) rest.delete(action.id);
        store.setState({ byId: rest });
      };
    },
    get: (id) => store.getState().byId.get(id),
    run(id, room, agentName) {
      const action = store.getState().byId.get(id);
      if (action === undefined) return false;
      const context = actionContext(room, agentName);
      if (!isOffered(action, context)) return false;
      tellDeed(id);
      void action.run(context);
      return true;
    },
  };
}
