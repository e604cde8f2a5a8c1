import { showScreen } from '../actions/navigation.ts';
import { SCREENS, type ScreenId } from '../stores/preferences.ts';
import type { Room } from '../stores/room.ts';
import { frontRoom, goLive } from '../stores/stage.ts';

function isScreen(name: string): name is ScreenId {
  return SCREENS.some((screen) => screen === name);
}

/** Does what the desktop's menu, tray, notifications and deep links ask for. */
export function followWishes(room: Room): void {
  room.desktop?.onWish((wish) => {
    // Tray, notifications and links speak of what is going on now; the menu, like a key, of what is on screen.
    if (wish.type === 'navigate' || wish.live === true) goLive(room);
    if (wish.type === 'action') {
      room.actions.run(wish.action, frontRoom(room));
      return;
    }
    const { screen, agent, attentionId } = wish.target;
    showScreen(room, isScreen(screen) ? screen : 'fleet');
    if (agent !== undefined) {
      room.ui.setState({ selectedAgent: agent });
      if (screen === 'terminals') room.actions.run('agent.openTerminal', room, agent);
    }
    if (attentionId !== undefined) room.ui.setState({ currentAttention: attentionId });
  });
}
