import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Pane, PaneLine, Panes } from '../../components/Panes.tsx';
import { useLoaded, useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import { TabStrip } from './TabStrip.tsx';
import { TerminalPane } from './TerminalPane.tsx';
import styles from './TerminalsScreen.module.css';
import { openShell, panesOf, useTabs } from './tabStore.ts';
import { selectTabs } from './tabs.ts';

function NoTerminals() {
  const room = useRoom();
  return (
    <EmptyState
      title="No terminal is open"
      text="Every agent that works has its transcript here, and you can write to it below. A shell opens in the project or in an agent’s worktree."
    >
      <Button onClick={() => void openShell(room, null)}>Open a shell</Button>
      <Button onClick={() => room.actions.run('go.board', room)}>Go to the board</Button>
    </EmptyState>
  );
}

/** A tab per agent and per shell, one or two of them in sight. */
export function TerminalsScreen() {
  const opened = useUi((state) => state.terminalTabs);
  const closed = useTabs((state) => state.closed);
  const terminals = useTopic('terminals', (state) => state.byId);
  const rows = useTopic('agents', ({ byId }) => selectTabs(byId, terminals, opened, closed));
  const wanted = useUi((state) => state.terminalFront);
  const selected = useUi((state) => state.selectedAgent);
  const wantedSide = useTabs((state) => state.side);
  const activePane = useTabs((state) => state.active);
  const loaded = useLoaded('agents');
  const panes = panesOf(rows, wanted, selected, wantedSide);
  const front = rows.find((row) => row.id === panes.front);
  const side = rows.find((row) => row.id === panes.side);
  const active = activePane === 'side' && side !== undefined ? side.id : panes.front;

  return (
    <div className={styles.screen}>
      <TabStrip rows={rows} front={panes.front} side={panes.side} active={active} />
      {front === undefined ? (
        loaded ? (
          <NoTerminals />
        ) : null
      ) : side === undefined ? (
        <TerminalPane key={front.id} row={front} pane="front" split={false} />
      ) : (
        <Panes id="terminals">
          <Pane id="terminals-front" min="220px">
            <TerminalPane key={front.id} row={front} pane="front" split />
          </Pane>
          <PaneLine label="Width of the left terminal" />
          <Pane id="terminals-side" min="220px">
            <TerminalPane key={side.id} row={side} pane="side" split />
          </Pane>
        </Panes>
      )}
    </div>
  );
}
