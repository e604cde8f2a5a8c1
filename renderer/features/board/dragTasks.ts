import { draggable, monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/element/set-custom-native-drag-preview';
import { Capability } from '../../../contract/agents.ts';
import { TaskColumn } from '../../../contract/tasks.ts';
import type { DropPlace } from './boardRules.ts';

/** Pixels around the preview, for its tilt and shadow; Board.module.css says the same. */
const PREVIEW_MARGIN = 12;

/** What a drag carries, and what a drop target says of itself. */
export type TaskDragData = { readonly task: string };

/** Data of a drop target for a place; null where nothing can be dropped. */
export function placeData(place: DropPlace | null): Record<string, unknown> {
  return place === null ? {} : { ...place };
}

/** Reads a place back out of a drop target's data. */
export function placeIn(data: Record<string | symbol, unknown> | undefined): DropPlace | null {
  if (data === undefined) return null;
  if (data.kind === 'column') {
    const column = TaskColumn.safeParse(data.column);
    if (!column.success) return null;
    return { kind: 'column', column: column.data, before: typeof data.before === 'string' ? data.before : null };
  }
  if (data.kind === 'role') {
    const role = Capability.safeParse(data.role);
    return role.success ? { kind: 'role', role: role.data } : null;
  }
  return data.kind === 'agent' && typeof data.name === 'string' ? { kind: 'agent', name: data.name } : null;
}

/** The card a drop at that height would be put above: the first whose middle is below the pointer. */
export function cardBelow(
  cards: readonly { readonly id: string; readonly top: number; readonly height: number }[],
  y: number,
): string | null {
  return cards.find((card) => y < card.top + card.height / 2)?.id ?? null;
}

/** Cards of a column as they are rendered, top down. */
export function renderedCards(
  column: Element,
): readonly { readonly id: string; readonly top: number; readonly height: number }[] {
  return [...column.querySelectorAll<HTMLElement>('[data-task]')]
    .map((card) => {
      const { top, height } = card.getBoundingClientRect();
      return { id: card.dataset.task ?? '', top, height };
    })
    .sort((left, right) => left.top - right.top);
}

/** Makes a card draggable; the preview is the card itself, tilted and framed by the given class. */
export function dragCard(element: HTMLElement, taskId: string, previewClass: string): () => void {
  return draggable({
    element,
    getInitialData: (): TaskDragData => ({ task: taskId }),
    onGenerateDragPreview({ nativeSetDragImage, location, source }) {
      const { left, top } = source.element.getBoundingClientRect();
      const { clientX, clientY } = location.current.input;
      setCustomNativeDragPreview({
        nativeSetDragImage,
        // Held where it was taken.
        getOffset: () => ({ x: clientX - left + PREVIEW_MARGIN, y: clientY - top + PREVIEW_MARGIN }),
        render({ container }) {
          const copy = source.element.cloneNode(true) as HTMLElement;
          copy.style.width = `${source.element.offsetWidth}px`;
          copy.classList.add(previewClass);
          container.append(copy);
        },
      });
    },
  });
}

/** Follows every drag of a task through the page. */
export function watchDrags(listener: {
  start(taskId: string): void;
  over(place: DropPlace | null): void;
  drop(taskId: string, place: DropPlace | null): void;
}): () => void {
  const taskOf = (data: Record<string, unknown>) => (typeof data.task === 'string' ? data.task : null);
  return monitorForElements({
    canMonitor: ({ source }) => taskOf(source.data) !== null,
    onDragStart({ source }) {
      const id = taskOf(source.data);
      if (id !== null) listener.start(id);
    },
    onDrag: ({ location }) => listener.over(placeIn(location.current.dropTargets[0]?.data)),
    onDropTargetChange: ({ location }) => listener.over(placeIn(location.current.dropTargets[0]?.data)),
    onDrop({ source, location }) {
      const id = taskOf(source.data);
      if (id !== null) listener.drop(id, placeIn(location.current.dropTargets[0]?.data));
    },
  });
}
