import type { ScreenId } from '../stores/preferences.ts';
import type { Room } from '../stores/room.ts';
import { withInspector } from '../stores/uiStore.ts';

/** Brings a screen to the front. */
export function showScreen(room: Room, screen: ScreenId): void {
  room.ui.setState({ screen });
}

/** Selects an agent: tree, table and inspector follow. Null selects none. */
export function selectAgent(room: Room, name: string | null): void {
  room.ui.setState({ selectedAgent: name });
}

/** Selects an agent and unfolds the inspector of the screen in front; a narrow window still keeps it away. */
export function inspectAgent(room: Room, name: string): void {
  const { inspectorFolded, screen } = room.ui.getState();
  room.ui.setState({ selectedAgent: name, inspectorFolded: withInspector(inspectorFolded, screen, true) });
}

/** Opens the terminal of an agent on the Terminals screen. */
export function openTerminal(room: Room, terminalId: string, agentName: string | null): void {
  const { terminalTabs } = room.ui.getState();
  room.ui.setState({
    screen: 'terminals',
    terminalTabs: terminalTabs.includes(terminalId) ? terminalTabs : [...terminalTabs, terminalId].slice(-50),
    terminalFront: terminalId,
    ...(agentName === null ? {} : { selectedAgent: agentName }),
  });
}

/** Opens a mail thread on the Mail screen. */
export function openThread(room: Room, folder: string, threadId: string | null): void {
  room.ui.setState({ screen: 'mail', mailFolder: folder, mailThread: threadId });
}
