import { memo, useEffect, useRef } from 'react';
import { TASK_COLUMNS } from '../../../contract/tasks.ts';
import { useInReplay } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { ContextMenu, MenuItem, MenuSeparator } from '../../components/Menu.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line, PathLine } from '../../components/Text.tsx';
import { useAgent, useRoom, useTopic } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import styles from './Board.module.css';
import { askDelete, chooseTarget, openTask } from './boardDialogs.tsx';
import { COLUMN_TITLES, cardLine, openBlockers } from './boardRules.ts';
import { boardStore, moveTask, useBoard } from './boardStore.ts';
import { dragCard } from './dragTasks.ts';

function CardMenu({ id }: { readonly id: string }) {
  const room = useRoom();
  return (
    <>
      <MenuItem onSelect={() => openTask(room, id)}>Open</MenuItem>
      {useInReplay() ? null : <ActingItems id={id} />}
    </>
  );
}

/** What moves, slings or deletes the task; not there in a replay. */
function ActingItems({ id }: { readonly id: string }) {
  const room = useRoom();
  const column = useTopic('tasks', ({ byId }) => byId[id]?.column);
  return (
    <>
      <MenuItem onSelect={() => chooseTarget(room, id)}>Sling…</MenuItem>
      <MenuSeparator />
      {TASK_COLUMNS.filter((name) => name !== column).map((name) => (
        <MenuItem key={name} onSelect={() => void moveTask(room, id, { kind: 'column', column: name, before: null })}>
          Move to {COLUMN_TITLES[name]}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem onSelect={() => askDelete(room, id)}>Delete…</MenuItem>
    </>
  );
}

/** One task. While it is dragged a dashed ghost of its size stands in its place. */
export const TaskCard = memo(function TaskCard({ id, first }: { readonly id: string; readonly first: boolean }) {
  const room = useRoom();
  const element = useRef<HTMLElement>(null);
  const task = useTopic('tasks', ({ byId }) => byId[id]);
  const agent = useAgent(task?.agent ?? null);
  const waits = useTopic('tasks', ({ byId }) => {
    const row = byId[id];
    return row === undefined ? '' : openBlockers(row, byId).join('\n');
  });
  const ghost = useBoard((state) => state.dragging === id);
  const current = useBoard((state) => (state.current === null ? first : state.current === id));
  const selected = useBoard((state) => state.current === id);
  const wantsFocus = useBoard((state) => state.focus === id);
  const exists = task !== undefined;
  const past = useInReplay();

  useEffect(() => {
    const card = element.current;
    return card === null || !exists || past ? undefined : dragCard(card, id, styles.preview ?? '');
  }, [id, exists, past]);
  useEffect(() => {
    if (!wantsFocus || element.current === null) return;
    element.current.focus();
    element.current.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
    boardStore(room).setState({ focus: null });
  }, [room, wantsFocus]);

  if (task === undefined) return null;
  const line = cardLine(task, agent, waits === '' ? [] : waits.split('\n'));
  return (
    <ContextMenu
      target={
        <article
          ref={element}
          data-task={id}
          tabIndex={current ? 0 : -1}
          aria-roledescription="task card"
          aria-label={showableLine(`${id}: ${task.title}. ${line.text}${line.path ?? ''}`)}
          aria-keyshortcuts={past ? 'Enter' : 'Enter S Shift+ArrowUp Shift+ArrowDown Shift+ArrowLeft Shift+ArrowRight'}
          className={cx(styles.card, ghost && styles.ghost, selected && styles.current)}
          onFocus={() => boardStore(room).setState({ current: id })}
          onDoubleClick={() => openTask(room, id)}
        >
          <Line text={id} className={styles.id} title />
          <Line text={task.title} className={styles.title} title />
          <span className={cx(styles.line, line.wanted && styles.wanted)}>
            {line.status === null ? null : <StatusMark status={line.status} />}
            <Line text={line.text} className={line.path === undefined ? styles.lineText : styles.lead} title />
            {line.path === undefined ? null : <PathLine text={line.path} className={styles.path} />}
          </span>
        </article>
      }
    >
      <CardMenu id={id} />
    </ContextMenu>
  );
});
