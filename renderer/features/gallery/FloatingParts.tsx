import { EllipsisVertical } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { ConfirmDialog } from '../../actions/dialogs.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Fact, Facts } from '../../components/Facts.tsx';
import { Field, TextInput } from '../../components/Field.tsx';
import { ContextMenu, Menu, MenuItem, MenuSeparator } from '../../components/Menu.tsx';
import { Popover } from '../../components/Popover.tsx';
import { Tooltip } from '../../components/Tooltip.tsx';
import { useRoom } from '../../stores/hooks.ts';
import styles from './Gallery.module.css';
import { Part, Row } from './Part.tsx';

const nothing = () => {};

function Entries() {
  return (
    <>
      <MenuItem onSelect={nothing}>Open terminal</MenuItem>
      <MenuItem onSelect={nothing}>Nudge…</MenuItem>
      <MenuItem disabled onSelect={nothing}>
        Hand back
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={nothing}>Stop…</MenuItem>
    </>
  );
}

function Dialogs() {
  const [open, setOpen] = useState<'form' | 'confirm' | null>(null);
  const close = () => setOpen(null);
  return (
    <Row>
      <Button onClick={() => setOpen('form')}>Dialog with a form</Button>
      <Button onClick={() => setOpen('confirm')}>Question</Button>
      {open === 'form' ? (
        <Dialog
          title="New task"
          text="It stands in Ready until somebody slings it."
          onClose={close}
          onSubmit={close}
          actions={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button type="submit" tone="primary">
                Create
              </Button>
            </>
          }
        >
          <Field label="Title">{(id) => <TextInput id={id} autoFocus defaultValue="CSV writer" />}</Field>
        </Dialog>
      ) : null}
      {open === 'confirm' ? (
        <ConfirmDialog
          title="Stop csv-writer?"
          text="Its running turn is terminated. Its worktree, branch and mail stay."
          confirm="Stop agent"
          close={close}
          onConfirm={nothing}
        />
      ) : null}
    </Row>
  );
}

function Notices() {
  const { notices } = useRoom();
  const count = useStore(notices.store, ({ items }) => items.length);
  return (
    <Row>
      <Button onClick={() => notices.say('info', 'Fleet paused: running turns end, no new one starts.')}>Notice</Button>
      <Button
        onClick={() => notices.say('error', 'The branch has conflicts in src/export/csv.ts; resolve them first.')}
      >
        Failure
      </Button>
      <span>{count === 0 ? 'none shown' : `${count} shown`}</span>
    </Row>
  );
}

/** What floats over the rest, each behind the button that opens it. */
export function FloatingParts() {
  return (
    <>
      <Part title="Menu, popover, tooltip">
        <Row>
          <Menu
            trigger={
              <IconButton label="Menu of csv-writer">
                <EllipsisVertical size={14} aria-hidden="true" />
              </IconButton>
            }
          >
            <Entries />
          </Menu>
          <Popover label="Run" trigger={<Button>Popover</Button>}>
            <Facts>
              <Fact label="run" mono>
                run-2026-11-23
              </Fact>
              <Fact label="agents">11</Fact>
            </Facts>
          </Popover>
          <Tooltip text="Says what it does" shortcut="Mod+K">
            <Button>Tooltip</Button>
          </Tooltip>
        </Row>
        <ContextMenu
          target={
            // biome-ignore lint/a11y/noNoninteractiveTabindex: the context-menu key needs the focus here.
            <div className={styles.menuTarget} role="group" aria-label="Context menu" tabIndex={0}>
              Right click, or the context-menu key
            </div>
          }
        >
          <Entries />
        </ContextMenu>
      </Part>
      <Part title="Dialog and notice">
        <Dialogs />
        <Notices />
      </Part>
    </>
  );
}
