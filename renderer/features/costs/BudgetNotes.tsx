import { memo } from 'react';
import type { BudgetNote } from '../../../contract/costs.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { Age } from '../../components/Age.tsx';
import { Section } from '../../components/Section.tsx';
import { Line } from '../../components/Text.tsx';
import styles from './Costs.module.css';

/** Notes that are shown before the person asks for all. */
const SHOWN = 8;

const NoteRow = memo(function NoteRow({ note }: { readonly note: BudgetNote }) {
  return (
    <li className={styles.note}>
      <span className={styles.noteWho}>
        <Line text={note.agentName === OPERATOR ? 'you' : note.agentName} title />
      </span>
      <Line text={note.summary} className={styles.noteText} title />
      <Age at={note.at} className={styles.faint} />
    </li>
  );
});

/** What caps and people did: who was paused, warned, raised, and when; newest first. */
export function BudgetNotes({ notes }: { readonly notes: readonly BudgetNote[] }) {
  return (
    <Section title="What caps did" framed className={styles.panel}>
      {notes.length === 0 ? (
        <p className={styles.faint}>Nothing was paused, warned about or raised in the last 30 days.</p>
      ) : (
        <ul className={styles.notes}>
          {notes.slice(0, SHOWN).map((note) => (
            <NoteRow key={note.id} note={note} />
          ))}
        </ul>
      )}
    </Section>
  );
}
