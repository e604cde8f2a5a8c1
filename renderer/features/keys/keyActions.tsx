import type { Action } from '../../actions/registry.ts';
import { openDialog } from '../../actions/roomActions.tsx';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { KeyBindings } from './KeyBindings.tsx';

/** The list of all shortcuts, from everywhere by `?`. */
export const keyActions: readonly Action[] = [
  {
    id: 'view.keys',
    group: 'View',
    title: () => 'Keyboard shortcuts…',
    shortcut: '?',
    keywords: 'keys help remap change bindings',
    run: ({ room }) =>
      openDialog(room, (close) => (
        <Dialog
          wide
          title="Keyboard shortcuts"
          text="Press Change and then the new keys. Keys that already belong to something are refused."
          onClose={close}
          actions={<Button onClick={close}>Close</Button>}
        >
          <KeyBindings />
        </Dialog>
      )),
  },
];
