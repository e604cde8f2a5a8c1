import { useCallback, useEffect, useRef, useState } from 'react';
import type { AttentionItem } from '../../../contract/attention.ts';
import { isTyping, overlayOpen } from '../../actions/shortcuts.ts';
import { selectAttentionIds } from '../../stores/attentionOrder.ts';
import { useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import { AttentionItemCard } from './AttentionItemCard.tsx';
import { attentionChoices, type ChoiceCommand, takesWords } from './attentionChoices.ts';
import { dismissItem, openItem, runChoice } from './attentionCommands.tsx';
import styles from './FleetScreen.module.css';

/** Items on screen at once; as they are settled the next ones come up. */
const SHOWN = 40;

/** The next item to stand on after `id`, passing over those whose answer is on its way; the one before at the end. */
export function nextItem(ids: readonly string[], id: string, settled: ReadonlySet<string>): string | null {
  const at = ids.indexOf(id);
  const open = (candidate: string) => candidate !== id && !settled.has(candidate);
  return ids.slice(at + 1).find(open) ?? ids.slice(0, Math.max(0, at)).findLast(open) ?? null;
}

/** Everything that waits for a person, each answerable in place: J/K walk, numbers choose, Enter opens, X dismisses. */
export function AttentionQueue() {
  const room = useRoom();
  const ids = useTopic('attention', ({ byId }) => selectAttentionIds(byId));
  const byId = useTopic('attention', (state) => state.byId);
  const wanted = useUi((state) => state.currentAttention);
  const [sending, setSending] = useState<ReadonlyMap<string, string>>(new Map());
  const cards = useRef(new Map<string, HTMLLIElement>());
  /** Set when the keyboard moves, so that focus follows; a change from outside must not take the focus away. */
  const moveFocus = useRef<'item' | 'words' | null>(null);
  const current = wanted !== null && ids.includes(wanted) ? wanted : (ids.find((id) => !sending.has(id)) ?? null);

  const stand = useCallback((id: string | null) => room.ui.setState({ currentAttention: id }), [room]);

  useEffect(() => {
    const move = moveFocus.current;
    moveFocus.current = null;
    const card = current === null ? undefined : cards.current.get(current);
    if (move === null || card === undefined) return;
    const field = move === 'words' ? card.querySelector<HTMLElement>('[data-answer]') : null;
    (field ?? card).focus();
    card.scrollIntoView({ block: 'nearest' });
  });

  const settle = useCallback(
    async (item: AttentionItem, label: string, done: Promise<boolean>, leaves: boolean) => {
      if (!leaves) {
        await done;
        return;
      }
      const byWords = document.activeElement instanceof HTMLTextAreaElement;
      const settled = new Set([...sending.keys(), item.id]);
      const next = nextItem(ids, item.id, settled);
      const nextIsWords =
        next !== null && byId[next] !== undefined && takesWords(byId[next]) && byId[next].options.length === 0;
      moveFocus.current = byWords && nextIsWords ? 'words' : 'item';
      setSending((held) => new Map(held).set(item.id, label));
      stand(next);
      if (!(await done)) stand(item.id);
      setSending((held) => {
        const rest = new Map(held);
        rest.delete(item.id);
        return rest;
      });
    },
    [byId, ids, sending, stand],
  );
  const onChoose = useCallback(
    (item: AttentionItem, command: ChoiceCommand, label: string) => {
      const leaves = command.do !== 'stop' && command.do !== 'openTerminal' && command.do !== 'openThread';
      void settle(item, label, runChoice(room, item, command), leaves);
    },
    [room, settle],
  );
  const onDismiss = useCallback(
    (item: AttentionItem) => void settle(item, 'dismiss', dismissItem(room, item), true),
    [room, settle],
  );

  useEffect(() => {
    const walk = (step: 1 | -1) => {
      const at = current === null ? -1 : ids.indexOf(current);
      const target = ids[Math.max(0, Math.min(Math.min(ids.length, SHOWN) - 1, at + step))];
      if (target === undefined) return;
      moveFocus.current = 'item';
      // Standing on the same item again must still bring the focus there.
      if (target === current) cards.current.get(target)?.focus();
      stand(target);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (isTyping(event.target) || overlayOpen()) return;
      const item = current === null ? undefined : byId[current];
      const key = event.key.toLowerCase();
      const onCard =
        event.target === document.body ||
        (event.target instanceof HTMLElement && event.target.matches('[data-attention]'));
      if (key === 'j') walk(1);
      else if (key === 'k') walk(-1);
      else if (item === undefined || sending.has(item.id)) return;
      else if (/^[1-9]$/.test(key)) {
        const choice = attentionChoices(item)[Number(key) - 1];
        if (choice === undefined) return;
        onChoose(item, choice.command, choice.label);
      } else if (key === 'r') cards.current.get(item.id)?.querySelector<HTMLElement>('[data-answer]')?.focus();
      else if (key === 'x') onDismiss(item);
      else if (key === 'enter' && onCard) openItem(room, item);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [byId, current, ids, onChoose, onDismiss, room, sending, stand]);

  if (ids.length === 0) return null;
  return (
    <section className={styles.queue} aria-label="Attention">
      <h2 className={styles.heading}>
        <span>
          Waiting for you <span className={styles.number}>{ids.length}</span>
        </span>
        <span className={styles.keys} aria-hidden="true">
          <kbd>J</kbd>
          <kbd>K</kbd> walk <kbd>1</kbd>–<kbd>9</kbd> choose <kbd>R</kbd> reply <kbd>Enter</kbd> open <kbd>X</kbd>{' '}
          dismiss
        </span>
      </h2>
      <ol className={styles.items}>
        {ids.slice(0, SHOWN).map((id) => {
          const item = byId[id];
          if (item === undefined) return null;
          return (
            <AttentionItemCard
              key={id}
              item={item}
              current={id === current}
              sending={sending.get(id) ?? null}
              cardRef={(card) => {
                if (card === null) cards.current.delete(id);
                else cards.current.set(id, card);
              }}
              onCurrent={stand}
              onChoose={onChoose}
              onDismiss={onDismiss}
            />
          );
        })}
        {ids.length > SHOWN ? <li className={styles.rest}>and {ids.length - SHOWN} more behind these</li> : null}
      </ol>
    </section>
  );
}
