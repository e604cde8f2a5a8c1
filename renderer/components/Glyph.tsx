import styles from './Glyph.module.css';

/** Lines on a square of 12 units. */
export const GLYPH_PATHS = {
  yes: 'm1.9 6.6 2.7 2.7 5.5-6.6',
  no: 'm2.6 2.6 6.8 6.8M9.4 2.6 2.6 9.4',
  to: 'M1.2 6h9.2M7.2 2.9 10.4 6 7.2 9.1',
} as const;

/**
 * A tick, a cross or an arrow within a line of text, drawn: the fonts that come with the room have no such letters, and
 * those of the machine differ. `words` say it to a screen reader; without them it is an ornament.
 */
export function Glyph({ shape, words }: { readonly shape: keyof typeof GLYPH_PATHS; readonly words?: string }) {
  return (
    <span className={styles.glyph}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d={GLYPH_PATHS[shape]} />
      </svg>
      {words === undefined ? null : <span className="visually-hidden">{words}</span>}
    </span>
  );
}
