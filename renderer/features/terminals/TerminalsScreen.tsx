import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { useLoaded, useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import { NothingThen } from '../replay/NothingThen.tsx';
import { BroadcastBar } from './ModeBars.tsx';
import { PaneTree } from './PaneTree.tsx';
import { TabStrip } from './TabStrip.tsx';
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

/** A tab per agent and per shell, one or several of them in sight. */
export function TerminalsScreen() {
  const opened = useUi((state) => state.terminalTabs);
  const closed = useTabs((state) => state.closed);
  const terminals = useTopic('terminals', (state) => state.byId);
  const rows = useTopic('agents', ({ byId }) => selectTabs(byId, terminals, opened, closed));
  const wanted = useUi((state) => state.terminalFront);
  const selected = useUi((state) => state.selectedAgent);
  const kept = useUi((state) => state.terminalLayout);
  const activePane = useTabs((state) => state.active);
  const loaded = useLoaded('agents');
  const { layout, active } = panesOf(rows, kept, activePane, wanted, selected);

  return (
    <div className={styles.screen}>
      <TabStrip rows={rows} layout={layout} active={active?.terminal ?? null} />
      <BroadcastBar />
      {layout === null ? (
        loaded ? (
          <NothingThen what="terminals">
            <NoTerminals />
          </NothingThen>
        ) : null
      ) : (
        <PaneTree part={layout} rows={rows} divided={!('pane' in layout)} active={active?.pane ?? null} />
      )}
    </div>
  );
}
