import { cx } from './cx.ts';
import styles from './Glyph.module.css';

/** Lines on a square of 12 units. */
export const GLYPH_PATHS = {
  yes: 'm1.9 6.6 2.7 2.7 5.5-6.6',
  no: 'm2.6 2.6 6.8 6.8M9.4 2.6 2.6 9.4',
  to: 'M1.2 6h9.2M7.2 2.9 10.4 6 7.2 9.1',
  /** An exclamation mark: the stroke and its point. */
  warn: 'M6 1.6v5.6M6 9.6v.8',
  /** Nothing of its kind: a dash. */
  none: 'M2.6 6h6.8',
  /** An open circle. */
  open: 'M6 2.2a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6z',
  paused: 'M4 2.4v7.2M8 2.4v7.2',
  bell: 'M2.2 8.6h7.6c-.8-.7-1.2-1.4-1.2-3.4a2.6 2.6 0 0 0-5.2 0c0 2-.4 2.7-1.2 3.4zM5.1 10.6h1.8',
} as const;

/** Areas on the same square. */
const AREAS = {
  running: 'M3 1.8v8.4L10.4 6z',
  dot: 'M6 2.4a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2z',
  half: 'M6 2.2a3.8 3.8 0 0 0 0 7.6z',
} as const;

export type GlyphShape = keyof typeof GLYPH_PATHS | keyof typeof AREAS;

/** The lines of a shape and the area it fills; a half circle has both. */
function parts(shape: GlyphShape): { readonly line: string | null; readonly area: string | null } {
  switch (shape) {
    case 'half':
      return { line: GLYPH_PATHS.open, area: AREAS.half };
    case 'running':
    case 'dot':
      return { line: null, area: AREAS[shape] };
    default:
      return { line: GLYPH_PATHS[shape], area: null };
  }
}

/**
 * A mark within a line of text, drawn: the fonts that come with the room have no such letters, and those of the machine
 * differ. `words` say it to a screen reader; without them it is an ornament.
 */
export function Glyph({
  shape,
  words,
  className,
}: {
  readonly shape: GlyphShape;
  readonly words?: string;
  readonly className?: string | undefined;
}) {
  const { line, area } = parts(shape);
  return (
    <span className={cx(styles.glyph, className)}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        {line === null ? null : <path d={line} />}
        {area === null ? null : <path d={area} className={styles.area} />}
      </svg>
      {words === undefined ? null : <span className="visually-hidden">{words}</span>}
    </span>
  );
}
