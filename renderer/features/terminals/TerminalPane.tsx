import { X } from 'lucide-react';
import { useCallback, useEffect, useRef } from 'react';
import type { AgentView } from '../../../contract/agents.ts';
import { isTakenOver } from '../../actions/agentActions.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Pane, PaneLine, Panes } from '../../components/Panes.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { useAgent, useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import type { AgentViewChoice } from '../../stores/preferences.ts';
import { showableLine } from '../../stores/showable.ts';
import { Composer } from './Composer.tsx';
import { TerminalSurface } from './TerminalSurface.tsx';
import styles from './TerminalsScreen.module.css';
import { panelId, tabId } from './tabIds.ts';
import { activatePane, closePane, closeTab, openShell, tabStore, useTabs } from './tabStore.ts';
import { exitWords, type TabRow, tabLabel } from './tabs.ts';
import { bringBack } from './terminalWindows.ts';
import { TranscriptView } from './transcript/TranscriptView.tsx';

function ExitBar({ row, words }: { readonly row: TabRow; readonly words: string }) {
  const room = useRoom();
  const reopen = async () => {
    if ((await openShell(room, row.agent)) !== null) closeTab(room, row.id);
  };
  return (
    <div className={styles.exit} role="status">
      <span>{words}</span>
      <span className={styles.gap} />
      <Button small onClick={() => closeTab(room, row.id)}>
        Close
      </Button>
      <Button small onClick={() => void reopen()}>
        Open again
      </Button>
    </div>
  );
}

/** Under a conversation that a person has taken over: what waits meanwhile, and the way back. */
function TakenOverBar({ agent }: { readonly agent: AgentView }) {
  const room = useRoom();
  const waiting =
    agent.unreadMail === 0 ? '' : ` · ${agent.unreadMail === 1 ? '1 mail waits' : `${agent.unreadMail} mails wait`}`;
  return (
    <div className={styles.exit} role="status">
      <span>In your hands: type above{waiting}</span>
      <span className={styles.gap} />
      <Button small tone="primary" onClick={() => room.actions.run('agent.handBack', room, agent.name)}>
        Hand back
      </Button>
    </div>
  );
}

function PaneHead({ row, inUse }: { readonly row: TabRow; readonly inUse: boolean }) {
  const room = useRoom();
  const agent = useAgent(row.kind === 'agent' ? row.agent : null);
  return (
    <div className={cx(styles.head, inUse && styles.headInUse)}>
      {agent === undefined ? null : <StatusMark status={agent.status} />}
      <Line text={tabLabel(row)} className={styles.headName} />
      {agent === undefined ? null : <Line text={agent.activity} className={styles.headActivity} title />}
      <span className={styles.gap} />
      <IconButton label="Close this pane" className={styles.headTool} onClick={() => closePane(room, row.id)}>
        <X size={13} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

/** In place of a terminal that stands in a window of its own: two views would fight over its size. */
function Apart({ row }: { readonly row: TabRow }) {
  const room = useRoom();
  return (
    <EmptyState
      title="In a window of its own"
      text={`${showableLine(tabLabel(row))} comes back when that window is closed.`}
    >
      <Button onClick={() => bringBack(room, row.id)}>Bring it back</Button>
    </EmptyState>
  );
}

/** What an agent's tab shows: as chosen for all of them, but a conversation in a person's hands is typed into. */
export function useAgentView(row: TabRow, inHands: boolean): AgentViewChoice {
  const chosen = useUi((state) => state.agentView);
  return row.kind === 'shell' || inHands ? 'terminal' : chosen;
}

/** One terminal with what belongs under it: an agent's composer, or how its shell ended. */
export function TerminalPane({
  row,
  split,
  inUse,
}: {
  readonly row: TabRow;
  /** True while other terminals stand beside it. */
  readonly split: boolean;
  /** True in the pane the keyboard belongs to. */
  readonly inUse: boolean;
}) {
  const room = useRoom();
  const composer = useRef<HTMLTextAreaElement>(null);
  const agent = useAgent(row.kind === 'agent' ? row.agent : null);
  const ended = useTopic('terminals', ({ byId }) => {
    const terminal = byId[row.id];
    return row.kind === 'shell' && terminal !== undefined ? exitWords(terminal) : null;
  });
  const wantsFocus = useTabs((state) => state.focus === row.id);
  const inHands = agent !== undefined && isTakenOver(agent);
  const view = useAgentView(row, inHands);
  const writes = agent !== undefined && !inHands;
  const apart = useTabs((state) => state.apart.has(row.id));
  const onTyping = useCallback(() => composer.current?.focus(), []);

  useEffect(() => {
    if (!wantsFocus || !writes || composer.current === null) return;
    tabStore(room).setState({ focus: null });
    composer.current.focus();
  }, [room, wantsFocus, writes]);

  const surface = <TerminalSurface row={row} agent={agent} onTyping={onTyping} takesFocus={!writes} />;
  const transcript = row.agent === null ? null : <TranscriptView key={row.agent} agentName={row.agent} />;
  return (
    <section
      role="tabpanel"
      id={panelId(row.id)}
      aria-labelledby={tabId(row.id)}
      className={cx(styles.pane, split && styles.splitPane)}
      onPointerDown={() => activatePane(room, row.id)}
    >
      {split ? <PaneHead row={row} inUse={inUse} /> : null}
      {apart ? (
        <Apart row={row} />
      ) : view === 'terminal' ? (
        surface
      ) : view === 'transcript' ? (
        transcript
      ) : (
        <Panes id="terminals-agent">
          <Pane id="terminals-agent-terminal" min="200px">
            {surface}
          </Pane>
          <PaneLine label="Width of the terminal" />
          <Pane id="terminals-agent-transcript" min="220px">
            {transcript}
          </Pane>
        </Panes>
      )}
      {ended === null ? null : <ExitBar row={row} words={ended} />}
      {agent === undefined || apart || room.replay !== null ? null : inHands ? (
        <TakenOverBar agent={agent} />
      ) : (
        <Composer agent={agent} field={composer} />
      )}
    </section>
  );
}
