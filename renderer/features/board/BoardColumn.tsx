import { dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { Plus } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { TaskColumn } from '../../../contract/tasks.ts';
import { IconButton } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { VirtualList } from '../../components/VirtualList.tsx';
import { counted } from '../../stores/format.ts';
import { useRoom, useTopic } from '../../stores/hooks.ts';
import styles from './Board.module.css';
import { newTask } from './boardDialogs.tsx';
import { COLUMN_TITLES, selectColumn } from './boardRules.ts';
import { useBoard } from './boardStore.ts';
import { cardBelow, placeData, renderedCards } from './dragTasks.ts';
import { TaskCard } from './TaskCard.tsx';

/** Cards of a column from which on only those in view are rendered. */
const VIRTUAL_FROM = 50;
/** Pixels of a card of two lines with the gap under it, before it is measured. */
const CARD_HEIGHT = 92;

/** A card, and the line above it where a dragged card would come. */
function Place({ id, column, first }: { readonly id: string; readonly column: TaskColumn; readonly first: boolean }) {
  const above = useBoard(
    ({ over, dragging }) => over?.kind === 'column' && over.column === column && over.before === id && dragging !== id,
  );
  return (
    <div className={cx(styles.place, above && styles.above)}>
      <TaskCard id={id} first={first} />
    </div>
  );
}

/** One column of the board; a drop target as a whole, so that cards may come and go under the pointer. */
export function BoardColumn({ column, firstOfBoard }: { readonly column: TaskColumn; readonly firstOfBoard: boolean }) {
  const room = useRoom();
  const element = useRef<HTMLElement>(null);
  const moves = useBoard((state) => state.moves);
  const ids = useTopic('tasks', ({ byId }) => selectColumn[column](byId, moves));
  const over = useBoard((state) => state.over?.kind === 'column' && state.over.column === column);
  const atEnd = useBoard(
    (state) => state.over?.kind === 'column' && state.over.column === column && state.over.before === null,
  );
  const current = useBoard((state) => (state.current === null ? -1 : ids.indexOf(state.current)));
  const virtual = ids.length > VIRTUAL_FROM;

  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    return dropTargetForElements({
      element: target,
      getData: ({ input }) =>
        placeData({ kind: 'column', column, before: cardBelow(renderedCards(target), input.clientY) }),
    });
  }, [column]);

  return (
    <section
      ref={element}
      className={cx(styles.column, over && styles.over)}
      aria-label={`${COLUMN_TITLES[column]}, ${counted(ids.length, 'task')}`}
    >
      <h2 className={styles.heading}>
        <span>{COLUMN_TITLES[column]}</span>
        {room.replay === null && (column === 'backlog' || column === 'ready') ? (
          <IconButton
            label={`New task in ${COLUMN_TITLES[column]}`}
            shortcut={column === 'ready' ? 'N' : undefined}
            className={styles.add}
            onClick={() => newTask(room, column)}
          >
            <Plus size={14} aria-hidden="true" />
          </IconButton>
        ) : null}
        <span className={styles.count}>{ids.length}</span>
      </h2>
      {virtual ? (
        <VirtualList
          className={styles.cards}
          count={ids.length}
          rowHeight={CARD_HEIGHT}
          current={current}
          keyOf={(index) => ids[index] ?? String(index)}
          row={(index) => {
            const id = ids[index];
            return id === undefined ? null : <Place id={id} column={column} first={firstOfBoard && index === 0} />;
          }}
        />
      ) : (
        <div className={cx(styles.cards, styles.plainCards)}>
          {ids.map((id, index) => (
            <Place key={id} id={id} column={column} first={firstOfBoard && index === 0} />
          ))}
          <div className={cx(styles.end, atEnd && styles.above)} />
        </div>
      )}
    </section>
  );
}
