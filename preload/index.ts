import { contextBridge, ipcRenderer } from 'electron';
import type { DesktopShell } from '../contract/shell.ts';

// Values, not imports: this bundle loads before every page and the contract's schemas have no business in it.
const onPort: DesktopShell['onPort'] = { ask: 'connect', answer: 'connected' };
const PORT_CHANNEL = 'core:connect';

const { electron = '', chrome = '', node = '' } = process.versions;
const shell: DesktopShell = {
  kind: 'desktop',
  platform: process.platform,
  versions: { electron, chrome, node },
  onPort,
};
contextBridge.exposeInMainWorld('shell', shell);

// The only way from the page into the shell: it asks with a nonce and gets one end of two message channels.
window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.source !== window || event.origin !== location.origin) return;
  const asked = event.data as { readonly type?: unknown; readonly nonce?: unknown } | null;
  if (asked?.type !== onPort.ask || typeof asked.nonce !== 'string' || asked.nonce.length > 64) return;
  const room = new MessageChannel();
  const commands = new MessageChannel();
  ipcRenderer.postMessage(PORT_CHANNEL, null, [room.port1, commands.port1]);
  const answer = { type: onPort.answer, nonce: asked.nonce };
  window.postMessage(answer, location.origin, [room.port2, commands.port2]);
});
