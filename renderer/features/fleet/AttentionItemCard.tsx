import { X } from 'lucide-react';
import { memo, type Ref, useState } from 'react';
import type { AgentStatus } from '../../../contract/agents.ts';
import type { AttentionItem, AttentionKind } from '../../../contract/attention.ts';
import { inspectAgent } from '../../actions/navigation.ts';
import { Age } from '../../components/Age.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { TextArea } from '../../components/Field.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Body, Line, Name } from '../../components/Text.tsx';
import { ATTENTION_WORDS } from '../../stores/attentionOrder.ts';
import { useRoom } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import styles from './AttentionItemCard.module.css';
import { attentionChoices, type ChoiceCommand, takesWords } from './attentionChoices.ts';

/** The glyph of a kind: a person is wanted, or something is broken. */
const MARKS: Readonly<Record<AttentionKind, AgentStatus>> = {
  gate: 'needsYou',
  question: 'needsYou',
  dead: 'dead',
  conflict: 'needsYou',
  login: 'needsYou',
  quota: 'stalled',
  resume: 'needsYou',
  collision: 'stalled',
  looping: 'stalled',
  deadLetter: 'stalled',
  error: 'dead',
};

/** True for a choice that does something, false for one that only opens what is there. */
function acts(command: ChoiceCommand): boolean {
  return !['openTerminal', 'showMerge', 'showCollision', 'openThread'].includes(command.do);
}

/** Words of one's own. Enter sends, Shift+Enter breaks the line, Escape goes back to the item. */
function AnswerField({
  item,
  disabled,
  onAnswer,
}: {
  readonly item: AttentionItem;
  readonly disabled: boolean;
  onAnswer(text: string): void;
}) {
  const [text, setText] = useState('');
  const send = () => {
    if (text.trim() !== '') onAnswer(text.trim());
  };
  return (
    <div className={styles.answer}>
      <TextArea
        rows={1}
        data-answer={item.id}
        className={styles.words}
        disabled={disabled}
        aria-label={`Answer: ${showableLine(item.title)}`}
        placeholder={item.options.length > 0 ? 'or answer in your own words' : 'Answer'}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            send();
          }
          if (event.key === 'Escape') {
            event.stopPropagation();
            event.currentTarget.closest<HTMLElement>('[data-attention]')?.focus();
          }
        }}
      />
      <Button live disabled={disabled || text.trim() === ''} onClick={send}>
        Answer
      </Button>
    </div>
  );
}

export interface AttentionItemCardProps {
  readonly item: AttentionItem;
  readonly current: boolean;
  /** The answer on its way, or null. */
  readonly sending: string | null;
  readonly cardRef: Ref<HTMLLIElement>;
  onCurrent(id: string): void;
  onChoose(item: AttentionItem, command: ChoiceCommand, label: string): void;
  onDismiss(item: AttentionItem): void;
}

/** One thing that waits for a person, answerable in place. */
export const AttentionItemCard = memo(function AttentionItemCard(props: AttentionItemCardProps) {
  const { item, current, sending, onCurrent, onChoose, onDismiss } = props;
  const room = useRoom();
  const choices = attentionChoices(item);
  const waiting = sending !== null;
  const { agent } = item;
  return (
    <li
      ref={props.cardRef}
      data-attention={item.id}
      tabIndex={current ? 0 : -1}
      aria-current={current ? 'true' : undefined}
      aria-label={`${ATTENTION_WORDS[item.kind]}: ${showableLine(item.title)}`}
      className={cx(styles.item, current && styles.current, waiting && styles.sending)}
      onFocus={() => onCurrent(item.id)}
    >
      <span className={styles.mark}>
        <StatusMark status={MARKS[item.kind]} />
      </span>
      <div className={styles.main}>
        <div className={styles.head}>
          <Line text={item.title} className={styles.title} title />
          <span className={styles.meta}>
            <span className={styles.kind}>{ATTENTION_WORDS[item.kind]}</span>
            {agent === null ? null : (
              <button type="button" tabIndex={-1} className={styles.agent} onClick={() => inspectAgent(room, agent)}>
                <Name text={agent} />
              </button>
            )}
            {item.taskId === null ? null : <Line text={item.taskId} className={styles.task} />}
          </span>
          <span className={styles.gap} />
          {waiting ? (
            <span className={styles.sent} role="status">
              sending “<Line text={sending} />
              ”…
            </span>
          ) : null}
          <Age at={item.at} className={styles.age} />
        </div>
        {item.detail === '' ? null : <Body text={item.detail} className={cx(styles.detail, current && styles.open)} />}
        {choices.length === 0 ? null : (
          // A press must not focus yet: the item would unfold under the pointer and the button would slip away from it.
          <div
            className={styles.choices}
            role="group"
            aria-label="Choices"
            onMouseDown={(event) => event.preventDefault()}
          >
            {choices.map((choice, index) => (
              <Button
                // biome-ignore lint/suspicious/noArrayIndexKey: two options may read the same; the number key is the identity.
                key={index}
                small
                live={acts(choice.command)}
                // An agent's options stand as equals; only an action of the room itself is proposed.
                tone={current && index === 0 && choice.command.do !== 'answer' ? 'primary' : 'plain'}
                disabled={waiting}
                className={styles.choice}
                onClick={(event) => {
                  event.currentTarget.focus();
                  onChoose(item, choice.command, choice.label);
                }}
              >
                {index < 9 ? <kbd className={styles.number}>{index + 1}</kbd> : null}
                <Line text={choice.label} />
              </Button>
            ))}
          </div>
        )}
        {takesWords(item) && current ? (
          <AnswerField
            item={item}
            disabled={waiting}
            onAnswer={(text) => onChoose(item, { do: 'answer', text }, text)}
          />
        ) : null}
      </div>
      <IconButton
        live
        label="Dismiss"
        shortcut="X"
        tabIndex={current ? 0 : -1}
        disabled={waiting}
        className={styles.dismiss}
        onClick={() => onDismiss(item)}
      >
        <X size={13} aria-hidden="true" />
      </IconButton>
    </li>
  );
});
