import { useState } from 'react';
import { isTakenOver } from '../../actions/agentActions.tsx';
import { openDialog } from '../../actions/roomActions.tsx';
import { Button } from '../../components/Button.tsx';
import { Checkbox } from '../../components/Checkbox.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import type { Room } from '../../stores/room.ts';
import { showableLine } from '../../stores/showable.ts';
import { createTerminalInput, type TerminalInput } from '../../terminal/terminalInput.ts';
import styles from './TerminalsScreen.module.css';
import { currentTabs, currentTerminal, selectTab, tabStore } from './tabStore.ts';
import { type TabRow, tabLabel } from './tabs.ts';

/** True when a person may type into it now: a shell that runs, or an agent's conversation in a person's hands. */
export function takesTyping(room: Room, row: TabRow): boolean {
  if (room.topics.terminals.getState().state.byId[row.id]?.running !== true) return false;
  if (row.kind === 'shell') return true;
  const agent = room.topics.agents.getState().state.byId[row.agent ?? ''];
  return agent !== undefined && isTakenOver(agent);
}

/** Ways into the terminals of the present broadcast, by room; they keep the order of keys. */
const inputs = new WeakMap<Room, Map<string, TerminalInput>>();

/** Sends what was typed into one terminal of the broadcast to the others. A terminal that refuses leaves it. */
export function sendBroadcast(room: Room, from: string, data: string): void {
  const targets = tabStore(room).getState().broadcast;
  if (targets === null || !targets.has(from)) return;
  const held = inputs.get(room) ?? new Map<string, TerminalInput>();
  inputs.set(room, held);
  for (const id of targets) {
    if (id === from) continue;
    const input = held.get(id) ?? createTerminalInput(room.link, id, ({ message }) => leave(room, id, message));
    held.set(id, input);
    input.push(data);
  }
}

function leave(room: Room, id: string, reason: string): void {
  room.notices.say('error', `No longer typed into: ${reason}`);
  const { broadcast } = tabStore(room).getState();
  if (broadcast === null) return;
  const rest = new Set([...broadcast].filter((other) => other !== id));
  if (rest.size < 2) endBroadcast(room);
  else tabStore(room).setState({ broadcast: rest });
}

export function endBroadcast(room: Room): void {
  for (const input of inputs.get(room)?.values() ?? []) input.clear();
  inputs.delete(room);
  tabStore(room).setState({ broadcast: null });
}

function BroadcastDialog({ room, rows, close }: { room: Room; rows: readonly TabRow[]; close(): void }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(rows.map((row) => row.id)));
  const start = () => {
    if (chosen.size < 2) return;
    close();
    const here = currentTerminal(room);
    const id = here !== null && chosen.has(here) ? here : ([...chosen][0] ?? '');
    tabStore(room).setState({ broadcast: chosen });
    selectTab(room, id, true);
  };
  const choose = (id: string, wanted: boolean) => {
    const next = new Set(chosen);
    if (wanted) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <Dialog
      title="Type into several terminals"
      text="What you type into one of them goes to all of them, until you press Escape."
      onClose={close}
      onSubmit={start}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" tone="primary" autoFocus disabled={chosen.size < 2}>
            {chosen.size < 2 ? 'Choose two or more' : `Type into ${chosen.size}`}
          </Button>
        </>
      }
    >
      <div className={styles.choices}>
        {rows.map((row) => (
          <Checkbox
            key={row.id}
            label={showableLine(tabLabel(row))}
            checked={chosen.has(row.id)}
            onChange={(wanted) => choose(row.id, wanted)}
          />
        ))}
      </div>
    </Dialog>
  );
}

/** Asks which terminals are typed into together. */
export function askBroadcast(room: Room): void {
  const rows = currentTabs(room).filter((row) => takesTyping(room, row));
  if (rows.length < 2) {
    room.notices.say('info', 'Two terminals that take typing are needed: open a second shell, or take an agent over.');
    return;
  }
  openDialog(room, (close) => <BroadcastDialog room={room} rows={rows} close={close} />);
}
