import type { AgentStatus } from '../../contract/agents.ts';
import { cx } from './cx.ts';
import { GLYPH_PATHS } from './Glyph.tsx';
import styles from './StatusMark.module.css';

/** The word that always stands with the glyph and the colour (ui.md "Direction"). */
export const STATUS_WORDS: Readonly<Record<AgentStatus, string>> = {
  starting: 'starting',
  working: 'working',
  inTurn: 'in turn',
  resting: 'resting',
  needsYou: 'needs you',
  stalled: 'stalled',
  dead: 'dead',
  done: 'done',
};

/** Order in which states call for attention: the fleet table sorts by it. */
export const STATUS_RANK: Readonly<Record<AgentStatus, number>> = {
  needsYou: 0,
  dead: 1,
  stalled: 2,
  inTurn: 3,
  working: 4,
  starting: 5,
  resting: 6,
  done: 7,
};

function shape(status: AgentStatus) {
  switch (status) {
    case 'starting':
      return <circle cx="6" cy="6" r="3.5" fill="none" strokeWidth="1.5" />;
    case 'working':
      return <circle cx="6" cy="6" r="3.5" stroke="none" />;
    case 'inTurn':
      return <path d="M3 1.8v8.4L10.4 6z" stroke="none" />;
    case 'resting':
      return <circle cx="6" cy="6" r="4" fill="none" strokeWidth="1.4" strokeDasharray="1.6 1.54" />;
    case 'needsYou':
      return <path d="M6 .8 11.2 6 6 11.2.8 6z" stroke="none" />;
    case 'stalled':
      return (
        <>
          <circle cx="6" cy="6" r="4" fill="none" strokeWidth="1.3" />
          <path d="M6 2a4 4 0 0 0 0 8z" stroke="none" />
        </>
      );
    case 'dead':
      return <path d={GLYPH_PATHS.no} fill="none" strokeWidth="1.7" />;
    case 'done':
      return <path d={GLYPH_PATHS.yes} fill="none" strokeWidth="1.7" />;
  }
}

/** The glyph of a state in its colour. Give it `word` unless the word stands right beside it. */
export function StatusMark({ status, word = false }: { readonly status: AgentStatus; readonly word?: boolean }) {
  return (
    <span className={cx(styles.mark, styles[status])} title={word ? undefined : STATUS_WORDS[status]}>
      <svg viewBox="0 0 12 12" width="12" height="12" fill="currentColor" stroke="currentColor" aria-hidden="true">
        {shape(status)}
      </svg>
      <span className={word ? undefined : 'visually-hidden'}>{STATUS_WORDS[status]}</span>
    </span>
  );
}
