import { X } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import type { AgentView } from '../../../contract/agents.ts';
import { isTakenOver } from '../../actions/agentActions.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { useAgent, useRoom, useTopic } from '../../stores/hooks.ts';
import type { LiveTerminal, ViewWishes } from '../../terminal/liveTerminal.ts';
import { useLiveTerminal } from '../../terminal/useLiveTerminal.ts';
import { endBroadcast, sendBroadcast, tabLabel } from './broadcast.tsx';
import { Composer } from './Composer.tsx';
import { CopyBar } from './ModeBars.tsx';
import { SearchBar } from './SearchBar.tsx';
import { panelId, tabId } from './TabStrip.tsx';
import styles from './TerminalsScreen.module.css';
import { activatePane, closePane, closeTab, openShell, tabStore, useTabs } from './tabStore.ts';
import { exitWords, type TabRow } from './tabs.ts';
import { askClipboard, askLink, askPaste } from './terminalDialogs.tsx';

/** What stands over a terminal that cannot be seen now. A short wait says nothing: it would only flicker. */
function StateLine({ live, row }: { readonly live: LiveTerminal; readonly row: TabRow }) {
  const state = useStore(live.state);
  const known = useTopic('terminals', ({ byId }) => byId[row.id] !== undefined);
  useEffect(() => {
    // The engine tells of a new terminal; whoever waited for it goes on at once.
    if (known) live.retry();
  }, [known, live]);
  if (state.kind === 'waiting')
    return (
      <p className={styles.state} role="status">
        What you see may be old: <Line text={state.reason} />. Trying again…
      </p>
    );
  if (state.kind !== 'absent') return null;
  return (
    <p className={cx(styles.state, styles.absent)} role="status">
      {row.kind === 'agent' && !known ? (
        'Nothing to show yet: the transcript begins with the first turn.'
      ) : (
        <Line text={state.reason} />
      )}
    </p>
  );
}

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
  const place = useRef<HTMLDivElement>(null);
  const composer = useRef<HTMLTextAreaElement>(null);
  const agent = useAgent(row.kind === 'agent' ? row.agent : null);
  const running = useTopic('terminals', ({ byId }) => byId[row.id]?.running ?? false);
  const ended = useTopic('terminals', ({ byId }) => {
    const terminal = byId[row.id];
    return row.kind === 'shell' && terminal !== undefined ? exitWords(terminal) : null;
  });
  const searching = useTabs((state) => state.searching === row.id);
  const wantsFocus = useTabs((state) => state.focus === row.id);
  const typed = useTabs((state) => state.broadcast?.has(row.id) ?? false);
  const inHands = agent !== undefined && isTakenOver(agent);
  const active = agent === undefined || inHands ? running : agent.turn !== null;

  const wishes = useMemo<ViewWishes>(
    () => ({
      kind: row.kind,
      // An agent's turns read a file, not the keyboard: what is typed goes to the composer. Taken over, it is a program to type to.
      takesInput: (row.kind === 'shell' || inHands) && running,
      active,
      broadcast: typed ? { send: (data) => sendBroadcast(room, row.id, data), end: () => endBroadcast(room) } : null,
      onTyping: () => composer.current?.focus(),
      onFocus: () => activatePane(room, row.id),
      onAskPaste: (text, paste) => askPaste(room, text, paste),
      onLink: (address) => askLink(room, address),
      onClipboard: (text) => askClipboard(room, row.id, tabLabel(row), text),
      onLeave: () => document.getElementById(tabId(row.id))?.focus(),
    }),
    [active, inHands, room, row, running, typed],
  );
  const live = useLiveTerminal(row.id, place, wishes);

  useEffect(() => {
    if (live === null || !wantsFocus) return;
    tabStore(room).setState({ focus: null });
    if (row.kind === 'agent' && !inHands && composer.current !== null) composer.current.focus();
    else live.focus();
  }, [inHands, live, room, row.kind, wantsFocus]);

  const endSearch = useCallback(() => {
    tabStore(room).setState({ searching: null });
    live?.focus();
  }, [live, room]);

  return (
    <section
      role="tabpanel"
      id={panelId(row.id)}
      aria-labelledby={tabId(row.id)}
      className={cx(styles.pane, split && styles.splitPane)}
      onPointerDown={() => activatePane(room, row.id)}
    >
      {split ? <PaneHead row={row} inUse={inUse} /> : null}
      {live === null ? null : <CopyBar live={live} />}
      {searching && live !== null ? <SearchBar live={live} onClose={endSearch} /> : null}
      <div className={styles.surface}>
        <div
          ref={place}
          className={styles.place}
          data-terminal={row.id}
          role="group"
          aria-label={`Terminal of ${tabLabel(row)}; F6 leaves it`}
        />
        {live === null ? null : <StateLine live={live} row={row} />}
      </div>
      {ended === null ? null : <ExitBar row={row} words={ended} />}
      {agent === undefined ? null : inHands ? (
        <TakenOverBar agent={agent} />
      ) : (
        <Composer agent={agent} field={composer} />
      )}
    </section>
  );
}
