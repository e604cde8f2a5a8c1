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
