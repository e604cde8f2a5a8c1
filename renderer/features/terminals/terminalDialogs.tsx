import { openDialog } from '../../actions/roomActions.tsx';
import { openExternal } from '../../client/externalLink.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import type { Room } from '../../stores/room.ts';
import { showable, showableLine } from '../../stores/showable.ts';
import styles from './TerminalsScreen.module.css';

/** Lines of a paste shown for a look. */
const SHOWN_LINES = 14;

/** Asks before several lines go into a shell, which would run each of them. */
export function askPaste(room: Room, text: string, paste: () => void): void {
  const lines = text.replace(/\n$/, '').split('\n');
  openDialog(room, (close) => (
    <Dialog
      title={lines.length === 1 ? 'Paste a line that runs at once?' : `Paste ${lines.length} lines?`}
      text="The shell may run every line as it comes."
      onClose={close}
      onSubmit={() => {
        close();
        paste();
      }}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" tone="primary" autoFocus>
            Paste
          </Button>
        </>
      }
    >
      <pre className={styles.pasted}>
        {showable(lines.slice(0, SHOWN_LINES).join('\n'))}
        {lines.length > SHOWN_LINES ? `\n… ${lines.length - SHOWN_LINES} more lines` : ''}
      </pre>
    </Dialog>
  ));
}

/** Terminals whose last question about the clipboard was refused; they ask again after the page is loaded anew. */
const refused = new WeakMap<Room, Set<string>>();

/**
 * A program wants text on the clipboard (OSC 52): done, asked about, or dropped, as the person chose in the settings. One
 * question at a time, and none after a refusal, so that no program can nag.
 */
export function askClipboard(room: Room, terminalId: string, name: string, text: string): void {
  const policy = room.ui.getState().terminalClipboard;
  const quiet = refused.get(room) ?? new Set<string>();
  refused.set(room, quiet);
  // In a window the person does not look at, nobody could answer.
  if (policy === 'off' || quiet.has(terminalId) || !document.hasFocus()) return;
  const put = () =>
    navigator.clipboard.writeText(text).then(
      () => room.notices.say('info', `${showableLine(name)} put ${text.length} characters on the clipboard.`),
      () => room.notices.say('error', 'The browser did not allow copying; nothing was put on the clipboard.'),
    );
  if (policy === 'allow') {
    void put();
    return;
  }
  if (room.slots.dialog.getState().content !== null) return;
  const refuse = (close: () => void) => {
    quiet.add(terminalId);
    close();
  };
  openDialog(room, (close) => (
    <Dialog
      title={`Let ${showableLine(name)} use the clipboard?`}
      text={`A program in this terminal wants to put ${text.length} characters there. What is on the clipboard now is replaced.`}
      onClose={() => refuse(close)}
      onSubmit={() => {
        close();
        void put();
      }}
      actions={
        <>
          <Button autoFocus onClick={() => refuse(close)}>
            Refuse
          </Button>
          <Button type="submit">Copy</Button>
        </>
      }
    >
      <pre className={styles.pasted}>{showable(firstLines(text))}</pre>
    </Dialog>
  ));
}

function firstLines(text: string): string {
  const lines = text.slice(0, 4_000).split('\n');
  const more = lines.length > SHOWN_LINES ? `\n… ${lines.length - SHOWN_LINES} more lines` : '';
  return `${lines.slice(0, SHOWN_LINES).join('\n')}${more}`;
}

/** The host a link really leads to; of a mail address the address itself. */
export function realHost(address: string): string {
  const url = new URL(address);
  return url.protocol === 'mailto:' ? url.pathname : url.host;
}

/** Opens a link that stood in a terminal, after a look at its real host. The desktop shell asks that itself. */
export function askLink(room: Room, address: string): void {
  if (!URL.canParse(address)) return;
  if (room.desktop !== null) {
    if (!openExternal(room.desktop, address, 'terminal'))
      room.notices.say('error', 'Only https addresses, http on this machine and mail addresses are opened.');
    return;
  }
  openDialog(room, (close) => (
    <Dialog
      title={
        <>
          Open <span className={styles.host}>{showableLine(realHost(address))}</span>?
        </>
      }
      text="This link was printed by a program in the terminal."
      onClose={close}
      onSubmit={() => {
        close();
        if (!openExternal(null, address, 'terminal'))
          room.notices.say('error', 'Only https addresses, http on this machine and mail addresses are opened.');
      }}
      actions={
        <>
          <Button autoFocus onClick={close}>
            Cancel
          </Button>
          <Button type="submit">Open</Button>
        </>
      }
    >
      <pre className={styles.pasted}>{showable(address)}</pre>
    </Dialog>
  ));
}
