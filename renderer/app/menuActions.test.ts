import { expect, test } from 'vitest';
import type { PageMessage } from '../../contract/shell.ts';
import { roomActions } from '../actions/roomActions.tsx';
import type { Desktop } from '../client/desktop.ts';
import { createPlayedRoom } from '../testing/playedRoom.ts';
import { menuActions, publishActions } from './menuActions.ts';
import { followWishes } from './wishes.ts';

type Wish = Parameters<Parameters<Desktop['onWish']>[0]>[0];

function setUp() {
  const { room } = createPlayedRoom();
  room.actions.register(roomActions);
  const posted: PageMessage[] = [];
  let wish: (asked: Wish) => void = () => {};
  const desktop = {
    post: (message: PageMessage) => void posted.push(message),
    onWish: (listener: (asked: Wish) => void) => {
      wish = listener;
    },
    // The rest of the desktop is the project's, and nothing here asks for it.
  } as unknown as Desktop;
  const onDesktop = { ...room, desktop };
  const soon: (() => void)[] = [];
  publishActions(onDesktop, { addEventListener: () => {} }, (_milliseconds, run) => soon.push(run));
  followWishes(onDesktop);
  return {
    room,
    posted,
    wish: (asked: Wish) => wish(asked),
    /** Lets the time pass in which changes are gathered. */
    gather: () => {
      for (const run of soon.splice(0)) run();
    },
    keysOf: (id: string) =>
      posted.map((message) => message.type === 'actions' && message.actions.find((one) => one.id === id)?.keys),
  };
}

test('actions are told at once, and again when keys were changed; what changes nothing is not told', () => {
  const { room, gather, keysOf } = setUp();
  expect(keysOf('view.theme')).toEqual([null]);
  room.ui.setState({ selectedAgent: null });
  gather();
  room.ui.setState({ keys: { 'view.theme': 'Alt+T', 'palette.open': '' } });
  room.ui.setState({ screen: 'mail' });
  gather();
  expect(keysOf('view.theme')).toEqual([null, 'Alt+T']);
  expect(keysOf('palette.open')).toEqual(['Mod+K', null]);
});

test('a wish runs the action once; an unknown one runs nothing', () => {
  const { room, wish } = setUp();
  const before = room.ui.getState().theme;
  wish({ type: 'action', action: 'view.theme' });
  const after = room.ui.getState().theme;
  wish({ type: 'action', action: 'view.nothing' });
  expect([before, after, room.ui.getState().theme]).toEqual(['system', 'dark', 'dark']);
});

test('a title is one bounded line of visible text, and an action the menu cannot hold does not cost the others', () => {
  const { room } = setUp();
  const whatever = { group: 'Fleet', run: () => {} } as const;
  room.actions.register([
    { ...whatever, id: 'test.long', title: () => `\u202eSling\n${'x'.repeat(300)}` },
    { ...whatever, id: 'no id at all', title: () => 'Nothing' },
  ]);
  const published = menuActions(room);
  expect(published.find(({ id }) => id === 'test.long')?.title).toMatch(/^‹RLO›Sling x{89}$/);
  expect(published.map(({ id }) => id)).not.toContain('no id at all');
  expect(published).toHaveLength(roomActions.length + 1);
});
