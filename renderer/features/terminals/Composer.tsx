import { type Ref, useState } from 'react';
import type { AgentView } from '../../../contract/agents.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { LIMITS } from '../../../contract/limits.ts';
import { canTakeOver, isAlive } from '../../actions/agentActions.tsx';
import { callEngine } from '../../actions/calls.ts';
import { isMac, shortcutLabel } from '../../actions/shortcutNames.ts';
import { Button } from '../../components/Button.tsx';
import { TextArea } from '../../components/Field.tsx';
import { useRoom } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import styles from './TerminalsScreen.module.css';
import { tabStore, useTabs } from './tabStore.ts';

/** Characters of a subject made from the words themselves. */
const SUBJECT_LENGTH = 80;

/** The subject of a mail written in the composer: its first line, cut at a word. */
export function subjectOf(words: string): string {
  const line = words.trim().split('\n')[0]?.trim() ?? '';
  if (line.length <= SUBJECT_LENGTH) return line;
  const cut = line.slice(0, SUBJECT_LENGTH);
  const space = cut.lastIndexOf(' ');
  return `${(space > SUBJECT_LENGTH / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

/** Writes to the agent above: Enter sends mail, Ctrl/Cmd+Enter nudges. A failed send keeps the words. */
export function Composer({ agent, field }: { readonly agent: AgentView; readonly field: Ref<HTMLTextAreaElement> }) {
  const room = useRoom();
  const words = useTabs((state) => state.drafts[agent.name] ?? '');
  const [sending, setSending] = useState(false);
  const name = showableLine(agent.name);
  const alive = isAlive(agent);
  const empty = words.trim() === '';
  const setWords = (text: string) =>
    tabStore(room).setState(({ drafts }) => ({ drafts: { ...drafts, [agent.name]: text } }));

  const mail = async () => {
    if (empty || sending) return;
    setSending(true);
    const sent = await callEngine(room, 'mail.send', {
      to: agent.name,
      subject: subjectOf(words),
      body: words,
      from: OPERATOR,
    });
    setSending(false);
    if (!sent.ok) return;
    setWords('');
    room.notices.say('info', `Sent to ${name}; ${alive ? 'it reads at its next turn' : 'it waits in the mailbox'}.`);
    for (const warning of sent.value.warnings) room.notices.say('info', warning);
  };
  const nudge = async () => {
    if (empty || sending || !alive) return;
    setSending(true);
    const sent = await callEngine(room, 'agents.nudge', { agentName: agent.name, message: words, from: OPERATOR });
    setSending(false);
    if (!sent.ok) return;
    const { delivered, queued, reason } = sent.value;
    const why = reason === null ? '' : `: ${reason}`;
    if (!delivered && !queued) {
      room.notices.say('error', `${name} was not nudged${why}`);
      return;
    }
    setWords('');
    room.notices.say('info', delivered ? `${name} was nudged.` : `${name} reads the nudge at its next turn${why}`);
  };

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        void mail();
      }}
    >
      <TextArea
        ref={field}
        rows={1}
        className={styles.words}
        aria-label={`Write to ${name}`}
        placeholder={
          alive
            ? `Write to ${name} — it reads at the next turn, or nudge now`
            : `Write to ${name} — it is ${agent.status}, mail waits in its mailbox`
        }
        maxLength={LIMITS.bodyLength}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          if (event.ctrlKey || event.metaKey) void nudge();
          else void mail();
        }}
      />
      {alive ? (
        <button
          type="button"
          className={styles.nudge}
          disabled={empty || sending}
          title="Wakes the agent with these words, outside its mail"
          onClick={() => void nudge()}
        >
          {shortcutLabel('Mod+Enter', isMac())} nudge<span className="visually-hidden"> {name}</span>
        </button>
      ) : null}
      {canTakeOver(agent) ? (
        <Button
          type="button"
          className={styles.send}
          title="Ends the running turn and opens the conversation here, for you to type"
          onClick={() => room.actions.run('agent.takeOver', room, agent.name)}
        >
          Take over
        </Button>
      ) : null}
      <Button type="submit" disabled={empty || sending} className={styles.send}>
        Send mail
      </Button>
    </form>
  );
}
