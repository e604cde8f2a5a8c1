import type { IpcMain, IpcMainEvent, WebContents } from 'electron';
import { APP_ORIGIN, PageMessage, PORT_CHANNEL, type ShellMessage } from '../../contract/shell.ts';
import type { Channel, Frame } from '../../contract/wire/channel.ts';
import { messagePortChannel } from '../platform/messagePortChannel.ts';

/** What of an IPC sender decides whether it may have a port. */
export interface Sender {
  readonly contentsId: number;
  /** Null when the frame is gone already. */
  readonly frame: { readonly isMain: boolean; readonly origin: string } | null;
}

/** True only for the main frame of a window of ours that shows our page (engineering.md 3.1 #16). */
export function isTrustedSender(sender: Sender, ourContents: ReadonlySet<number>): boolean {
  const { frame } = sender;
  return ourContents.has(sender.contentsId) && frame?.isMain === true && frame.origin === APP_ORIGIN;
}

/** The shell's side of the second port. */
export interface ShellPort {
  send(message: ShellMessage): void;
  close(reason?: string): void;
}

export interface BridgeDependencies {
  readonly ipcMain: Pick<IpcMain, 'on'>;
  readonly ourContents: ReadonlySet<number>;
  /** A page's connection to the room; the shell joins it to an engine. */
  onRoom(channel: Channel, contents: WebContents): void;
  /** A page's connection to the shell itself. */
  onShell(port: ShellPort, contents: WebContents): void;
  onPageMessage(message: PageMessage, contents: WebContents): void;
}

/** Receives ports from preloads, refuses strangers, and closes a page's ports when it navigates, crashes or asks anew. */
export function bridgePorts(dependencies: BridgeDependencies): void {
  const endings = new Map<number, (reason: string) => void>();
  dependencies.ipcMain.on(PORT_CHANNEL, (event) => {
    const [roomPort, shellPort] = event.ports;
    if (
      !isTrustedSender(describeSender(event), dependencies.ourContents) ||
      roomPort === undefined ||
      shellPort === undefined
    ) {
      for (const port of event.ports) port.close();
      return;
    }
    const contents = event.sender;
    if (!endings.has(contents.id)) closeOnLeave(contents, endings);
    endings.get(contents.id)?.('replaced by a newer connection of the same page');
    const room = messagePortChannel(roomPort);
    const shell = createShellPort(messagePortChannel(shellPort), (message) =>
      dependencies.onPageMessage(message, contents),
    );
    endings.set(contents.id, (reason) => {
      room.close(reason);
      shell.close(reason);
    });
    dependencies.onRoom(room, contents);
    dependencies.onShell(shell, contents);
  });
}

function describeSender(event: IpcMainEvent): Sender {
  const frame = event.senderFrame;
  return {
    contentsId: event.sender.id,
    frame: frame === null ? null : { isMain: frame === frame.top, origin: frame.origin },
  };
}

function closeOnLeave(contents: WebContents, endings: Map<number, (reason: string) => void>): void {
  const end = (reason: string): void => {
    endings.get(contents.id)?.(reason);
    endings.set(contents.id, () => {});
  };
  contents.on('did-start-navigation', (details) => {
    if (details.isMainFrame && !details.isSameDocument) end('the page was loaded again');
  });
  contents.on('render-process-gone', () => end('the page crashed'));
  contents.once('destroyed', () => {
    end('the window was closed');
    endings.delete(contents.id);
  });
}

/** Messages of the second port: checked on the way in, dropped with a line when they are none of ours. */
export function createShellPort(channel: Channel, onMessage: (message: PageMessage) => void): ShellPort {
  channel.onFrame((frame) => {
    const message = PageMessage.safeParse(parse(frame));
    if (message.success) onMessage(message.data);
    else process.stderr.write('The page sent the shell a message it does not know; it is ignored.\n');
  });
  return {
    send: (message) => channel.send(JSON.stringify(message)),
    close: (reason) => channel.close(reason),
  };
}

function parse(data: Frame): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data);
  } catch {
    // Answered like any other message that is none: the schema refuses `undefined`.
    return undefined;
  }
}
