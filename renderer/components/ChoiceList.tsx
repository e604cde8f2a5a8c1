import { type KeyboardEvent, type ReactNode, useId } from 'react';
import styles from './ChoiceList.module.css';
import { cx } from './cx.ts';
import { VirtualList } from './VirtualList.tsx';

export interface ChoiceListProps {
  /** What a screen reader calls the list. */
  readonly label: string;
  readonly count: number;
  /** The chosen row; one always is. */
  readonly index: number;
  /** Height of a row in pixels before it is measured. */
  readonly rowHeight: number;
  /** Stable identity of a row. */
  keyOf(index: number): string;
  /** What a row shows. */
  row(index: number): ReactNode;
  onChoose(index: number): void;
  /** One line under the rows, such as how many are not shown. */
  readonly more?: string | null;
  readonly className?: string | undefined;
}

/** A list one thing of which is always chosen, by the mouse, by arrows or by J and K. */
export function ChoiceList({ count, index, onChoose, more = null, ...props }: ChoiceListProps) {
  const listId = useId();
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const goTo = (next: number) => onChoose(Math.max(0, Math.min(count - 1, next)));
    if (event.key === 'ArrowDown' || event.key === 'j') goTo(index + 1);
    else if (event.key === 'ArrowUp' || event.key === 'k') goTo(index - 1);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(count - 1);
    else return;
    event.preventDefault();
  };
  return (
    <div
      className={cx(styles.list, props.className)}
      role="listbox"
      aria-label={props.label}
      tabIndex={0}
      aria-activedescendant={`${listId}-${index}`}
      onKeyDown={onKey}
    >
      <VirtualList
        className={styles.rows}
        count={count}
        rowHeight={props.rowHeight}
        current={index}
        keyOf={props.keyOf}
        row={(row) => (
          <div
            id={`${listId}-${row}`}
            role="option"
            aria-selected={row === index}
            className={cx(styles.choice, row === index && styles.chosen)}
            onClick={() => onChoose(row)}
          >
            {props.row(row)}
          </div>
        )}
      />
      {more === null ? null : <p className={styles.more}>{more}</p>}
    </div>
  );
}
