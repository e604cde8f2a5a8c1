import type { Action, ActionContext } from '../../actions/registry.ts';
import { openDialog } from '../../actions/roomActions.tsx';
import { liveRoom } from '../../stores/stage.ts';
import { ChooseRun } from './ChooseRun.tsx';
import { GoToTimeDialog } from './GoToTimeDialog.tsx';
import type { Player } from './player.ts';
import { otherSpeed } from './playhead.ts';
import { replayNewestRun } from './startReplay.ts';

const replaying = ({ room }: ActionContext): boolean => room.replay !== null;

function withPlayer(
  id: string,
  title: string,
  shortcut: string,
  run: (player: Player, context: ActionContext) => void,
  keywords = '',
): Action {
  return {
    id,
    group: 'Replay',
    title: () => title,
    shortcut,
    keywords: `replay ${keywords}`,
    when: replaying,
    run: (context) => {
      if (context.room.replay !== null) run(context.room.replay.player, context);
    },
  };
}

function jump(direction: 1 | -1, none: string) {
  return (player: Player, { room }: ActionContext): void => {
    if (!player.jump(direction)) room.notices.say('info', none);
  };
}

/** Milliseconds a small move of the playhead goes. */
const MOVE_MS = 10_000;

/** What can be done to a replay, and how one begins. Shift+letter works on every screen but in a field or a terminal. */
export const replayActions: readonly Action[] = [
  {
    id: 'replay.start',
    group: 'Replay',
    title: () => 'Replay the run',
    shortcut: 'Mod+Shift+Y',
    keywords: 'past history watch again scrub',
    when: ({ room }) =>
      room.replay === null && Object.keys(liveRoom(room).topics.runs.getState().state.byId).length > 0,
    run: ({ room }) => void replayNewestRun(room),
  },
  {
    id: 'replay.chooseRun',
    group: 'Replay',
    title: () => 'Replay a past run…',
    keywords: 'history former',
    when: ({ room }) => Object.keys(liveRoom(room).topics.runs.getState().state.byId).length > 0,
    run: ({ room }) => openDialog(room, (close) => <ChooseRun close={close} />),
  },
  {
    id: 'replay.goLive',
    group: 'Replay',
    title: () => 'Go live',
    shortcut: 'Mod+Shift+L',
    keywords: 'now leave end replay',
    when: replaying,
    run: ({ room }) => room.replay?.goLive(),
  },
  withPlayer(
    'replay.play',
    'Play or pause',
    'Shift+P',
    (player) => (player.store.getState().playing ? player.pause() : player.play()),
    'stop',
  ),
  withPlayer('replay.next', 'Next change', 'Alt+ArrowRight', (player) => player.step(1), 'event step forward'),
  withPlayer('replay.previous', 'Previous change', 'Alt+ArrowLeft', (player) => player.step(-1), 'event step back'),
  withPlayer('replay.forward', 'Forward 10 seconds', 'Alt+PageDown', (player) =>
    player.seek(player.store.getState().at + MOVE_MS),
  ),
  withPlayer('replay.back', 'Back 10 seconds', 'Alt+PageUp', (player) =>
    player.seek(player.store.getState().at - MOVE_MS),
  ),
  withPlayer(
    'replay.nextNeed',
    'Next time somebody was needed',
    'Shift+J',
    jump(1, 'After this nobody was needed.'),
    'attention question gate',
  ),
  withPlayer(
    'replay.previousNeed',
    'Previous time somebody was needed',
    'Shift+K',
    jump(-1, 'Before this nobody was needed.'),
    'attention question gate',
  ),
  withPlayer('replay.faster', 'Faster', '>', (player) => player.setSpeed(otherSpeed(player.store.getState().speed, 1))),
  withPlayer('replay.slower', 'Slower', '<', (player) =>
    player.setSpeed(otherSpeed(player.store.getState().speed, -1)),
  ),
  withPlayer('replay.skipQuiet', 'Skip quiet time, or show it', 'Shift+Q', (player) =>
    player.setSkipQuiet(!player.store.getState().skipQuiet),
  ),
  withPlayer('replay.goTo', 'Go to a time…', 'Shift+T', (player, { room }) =>
    openDialog(room, (close) => <GoToTimeDialog player={player} close={close} />),
  ),
];
