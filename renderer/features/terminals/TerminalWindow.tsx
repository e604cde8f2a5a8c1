import { useEffect } from 'react';
import { ConnectionBanner } from '../../app/ConnectionBanner.tsx';
import { DialogHost } from '../../app/DialogHost.tsx';
import { SignIn } from '../../app/SignIn.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { NoticeList } from '../../components/NoticeList.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { useAgent, useLinkState, useLoaded, useTopic, useUi } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import { TerminalPane } from './TerminalPane.tsx';
import styles from './TerminalWindow.module.css';
import { useTabs } from './tabStore.ts';
import { selectTabs, tabLabel } from './tabs.ts';

/** A window that shows one terminal and nothing else of the room. */
export function TerminalWindow({ id }: { readonly id: string }) {
  const refused = useLinkState((state) => (state.kind === 'refused' ? state.reason : null));
  const opened = useUi((state) => state.terminalTabs);
  const closed = useTabs((state) => state.closed);
  const terminals = useTopic('terminals', (state) => state.byId);
  const rows = useTopic('agents', ({ byId }) => selectTabs(byId, terminals, opened, closed));
  const known = [useLoaded('agents'), useLoaded('terminals')].every(Boolean);
  const row = rows.find((tab) => tab.id === id);
  const agent = useAgent(row?.kind === 'agent' ? row.agent : null);
  const name = row === undefined ? null : showableLine(tabLabel(row));
  useEffect(() => {
    if (name !== null) document.title = `${name} · Overstory Control Room`;
  }, [name]);
  if (refused !== null) return <SignIn reason={refused} />;
  return (
    <main className={styles.window}>
      <ConnectionBanner />
      {row === undefined ? (
        known ? (
          <EmptyState
            title="This terminal is gone"
            text="It was closed, or its agent was cleaned away. Close this window."
          />
        ) : null
      ) : (
        <>
          <h1 className={styles.head}>
            {agent === undefined ? null : <StatusMark status={agent.status} />}
            <Line text={tabLabel(row)} className={styles.name} />
            {agent === undefined ? null : <Line text={agent.activity} className={styles.activity} title />}
          </h1>
          <TerminalPane row={row} split={false} inUse />
        </>
      )}
      <NoticeList />
      <DialogHost />
    </main>
  );
}
