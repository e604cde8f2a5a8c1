import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import type { AgentView } from '../../../contract/agents.ts';
import { isTakenOver } from '../../actions/agentActions.tsx';
import { cx } from '../../components/cx.ts';
import { Line } from '../../components/Text.tsx';
import { useRoom, useTopic } from '../../stores/hooks.ts';
import type { LiveTerminal, ViewWishes } from '../../terminal/liveTerminal.ts';
import { useLiveTerminal } from '../../terminal/useLiveTerminal.ts';
import { endBroadcast, sendBroadcast } from './broadcast.tsx';
import { CopyBar } from './ModeBars.tsx';
import { SearchBar } from './SearchBar.tsx';
import styles from './TerminalsScreen.module.css';
import { tabId } from './tabIds.ts';
import { activatePane, tabStore, useTabs } from './tabStore.ts';
import { type TabRow, tabLabel } from './tabs.ts';
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

/** The drawn terminal of a tab, with what lies over it: search, copy mode, and why there is nothing to see. */
export function TerminalSurface({
  row,
  agent,
  onTyping,
  takesFocus,
}: {
  readonly row: TabRow;
  readonly agent: AgentView | undefined;
  /** A person began to type into a terminal that takes no input. */
  readonly onTyping: () => void;
  /** True where the keyboard goes into the terminal itself when its tab is chosen. */
  readonly takesFocus: boolean;
}) {
  const room = useRoom();
  const place = useRef<HTMLDivElement>(null);
  const running = useTopic('terminals', ({ byId }) => byId[row.id]?.running ?? false);
  // A shell is told of before its program runs; what is typed meanwhile must not be lost.
  const starting = useTopic('terminals', ({ byId }) => {
    const terminal = byId[row.id];
    return row.kind === 'shell' && terminal !== undefined && !terminal.running && terminal.exit === null;
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
      takesInput: ((row.kind === 'shell' || inHands) && running) || starting,
      starting,
      active,
      broadcast: typed ? { send: (data) => sendBroadcast(room, row.id, data), end: () => endBroadcast(room) } : null,
      onTyping,
      onFocus: () => activatePane(room, row.id),
      onAskPaste: (text, paste) => askPaste(room, text, paste),
      onLink: (address) => askLink(room, address),
      onClipboard: (text) => askClipboard(room, row.id, tabLabel(row), text),
      onLeave: () => document.getElementById(tabId(row.id))?.focus(),
    }),
    [active, inHands, onTyping, room, row, running, starting, typed],
  );
  const live = useLiveTerminal(row.id, place, wishes);

  useEffect(() => {
    if (live === null || !wantsFocus || !takesFocus) return;
    tabStore(room).setState({ focus: null });
    live.focus();
  }, [live, room, takesFocus, wantsFocus]);

  const endSearch = useCallback(() => {
    tabStore(room).setState({ searching: null });
    live?.focus();
  }, [live, room]);

  return (
    <div className={styles.drawn}>
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
    </div>
  );
}
