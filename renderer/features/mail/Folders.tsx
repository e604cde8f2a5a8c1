import { memo } from 'react';
import { OPERATOR } from '../../../contract/ids.ts';
import { openDialog } from '../../actions/roomActions.tsx';
import { cx } from '../../components/cx.ts';
import { ActionItem, ContextMenu } from '../../components/Menu.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Name } from '../../components/Text.tsx';
import { VirtualList } from '../../components/VirtualList.tsx';
import { selectAgentNames } from '../../stores/agentNames.ts';
import { useAgentStatus, useMail, useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import { type FolderId, GROUP_ADDRESSES, isDeadLetter, selectAgentFolders } from '../../stores/mailFolders.ts';
import { ComposeDialog } from './ComposeDialog.tsx';
import styles from './MailScreen.module.css';

function useOpenFolder() {
  const { ui } = useRoom();
  return (id: FolderId) => ui.setState({ mailFolder: id, mailThread: null });
}

function Folder({
  id,
  name,
  count,
  alarming = false,
}: {
  readonly id: FolderId;
  readonly name: string;
  readonly count: number;
  readonly alarming?: boolean;
}) {
  const open = useOpenFolder();
  const current = useUi((state) => state.mailFolder === id);
  return (
    <button
      type="button"
      className={cx(styles.folder, current && styles.currentFolder)}
      aria-current={current ? 'true' : undefined}
      onClick={() => open(id)}
    >
      <span className={styles.folderName}>{name}</span>
      {count > 0 ? <span className={cx(styles.count, alarming && styles.alarming)}>{count}</span> : null}
    </button>
  );
}

const AgentFolder = memo(function AgentFolder({ id, unread }: { readonly id: FolderId; readonly unread: number }) {
  const name = id.slice('agent:'.length);
  const status = useAgentStatus(name);
  const open = useOpenFolder();
  const current = useUi((state) => state.mailFolder === id);
  const button = (
    <button
      type="button"
      className={cx(styles.folder, current && styles.currentFolder)}
      aria-current={current ? 'true' : undefined}
      onClick={() => open(id)}
    >
      <span className={styles.folderMark}>{status === undefined ? null : <StatusMark status={status} />}</span>
      <Name text={name} className={styles.folderName} />
      {unread > 0 ? (
        <span className={styles.count} title="unread by the agent">
          {unread}
        </span>
      ) : null}
    </button>
  );
  if (status === undefined) return button;
  return (
    <ContextMenu target={button}>
      <ActionItem id="agent.compose" agent={name} />
      <ActionItem id="agent.nudge" agent={name} />
      <ActionItem id="agent.openTerminal" agent={name} />
    </ContextMenu>
  );
});

/** Whose mail: the operator's, everybody's, dead letters, groups to write to, one folder an agent. */
export function Folders() {
  const room = useRoom();
  const unread = useTopic(
    'mail',
    ({ byId }) => Object.values(byId).filter((message) => message.to === OPERATOR && !message.read).length,
  );
  const total = useMail(({ byId }) => Object.keys(byId).length);
  const dead = useMail(({ byId }) => Object.values(byId).filter(isDeadLetter).length);
  const names = useTopic('agents', ({ byId }) => selectAgentNames(byId));
  const agents = useMail(({ byId }) => selectAgentFolders(byId, names));
  return (
    <nav className={styles.folders} aria-label="Folders">
      <VirtualList
        className={styles.grow}
        count={agents.length}
        rowHeight={28}
        keyOf={(index) => agents[index]?.id ?? String(index)}
        row={(index) => {
          const row = agents[index];
          return row === undefined ? null : <AgentFolder id={row.id} unread={row.unread} />;
        }}
        header={
          <>
            <Folder id="operator" name="Operator" count={unread} alarming />
            <Folder id="all" name="All mail" count={total} />
            <Folder id="dead" name="Dead letters" count={dead} alarming />
            <h3 className={styles.foldersHeading}>Groups</h3>
            <div className={styles.groups}>
              {GROUP_ADDRESSES.map((address) => (
                <button
                  key={address}
                  type="button"
                  className={styles.group}
                  title={`Write to ${address}`}
                  onClick={() => openDialog(room, (close) => <ComposeDialog to={address} close={close} />)}
                >
                  {address}
                </button>
              ))}
            </div>
            {agents.length === 0 ? null : <h3 className={styles.foldersHeading}>Agents</h3>}
          </>
        }
      />
    </nav>
  );
}
