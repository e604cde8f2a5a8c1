import { ACTION_LIMITS, PublishedAction } from '../../contract/shellActions.ts';
import { shortcutOf } from '../actions/keyBindings.ts';
import { actionContext, isOffered } from '../actions/registry.ts';
import { canonicalShortcut } from '../actions/shortcutNames.ts';
import type { Room } from '../stores/room.ts';
import { showableLine } from '../stores/showable.ts';
import { frontRoom } from '../stores/stage.ts';

/** Milliseconds in which changes are gathered: a menu need not follow every event of fifty agents. */
const GATHER_MS = 200;
/** The few characters without a width that `showableLine` leaves in. */
const INVISIBLE = /\p{Cf}/gu;

/** Every action as the menu shows it: its title without an agent, its present keys, and whether it can be done now. */
export function menuActions(room: Room): readonly PublishedAction[] {
  const front = frontRoom(room);
  const context = actionContext(front);
  const { keys } = room.ui.getState();
  const published: PublishedAction[] = [];
  for (const action of room.actions.store.getState().byId.values()) {
    const shortcut = shortcutOf(action, keys);
    const title = showableLine(action.title({ ...context, agent: null })).replace(INVISIBLE, '');
    const made = PublishedAction.safeParse({
      id: action.id,
      group: action.group,
      title: title.slice(0, ACTION_LIMITS.title),
      keys: shortcut === undefined ? null : canonicalShortcut(shortcut),
      enabled: isOffered(action, context),
    });
    // What does not fit the contract would cost the menu all the others; the palette still has it.
    if (made.success && published.length < ACTION_LIMITS.count) published.push(made.data);
  }
  return published;
}

/** Tells the desktop's menu what can be done and by which keys: at once, and after every change. */
export function publishActions(
  room: Room,
  page: Pick<Window, 'addEventListener'>,
  after: (milliseconds: number, run: () => void) => void,
): void {
  const { desktop } = room;
  if (desktop === null) return;
  let said = '';
  let waiting = false;
  const say = () => {
    const actions = menuActions(room);
    const text = JSON.stringify(actions);
    if (text === said) return;
    said = text;
    desktop.post({ type: 'actions', actions: [...actions] });
  };
  const saySoon = () => {
    if (waiting) return;
    waiting = true;
    after(GATHER_MS, () => {
      waiting = false;
      say();
    });
  };
  say();
  const { actions, ui, topics, link, stage } = room;
  for (const store of [
    actions.store,
    ui,
    topics.status,
    topics.agents,
    topics.runs,
    topics.merges,
    link.state,
    stage.front,
  ])
    store.subscribe(saySoon);
  // Some actions depend on what a screen alone knows. A hand at work changes it, and leaves the page for the menu.
  for (const event of ['keyup', 'pointerup']) page.addEventListener(event, saySoon, { capture: true, passive: true });
  page.addEventListener('mouseout', (event) => {
    if (event.relatedTarget === null) say();
  });
  page.addEventListener('blur', say);
}
