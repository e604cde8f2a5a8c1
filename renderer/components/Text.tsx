import { showable, showableLine } from '../stores/showable.ts';
import { cx } from './cx.ts';
import styles from './Text.module.css';

/** Characters of a hover title: enough to read a long name, short enough for a tooltip. */
const TITLE_LIMIT = 600;

/** One line of text from outside (an agent, a mail, a path), isolated in its writing direction and cut with an ellipsis by CSS. */
export function Line({
  text,
  className,
  title = false,
}: {
  readonly text: string;
  readonly className?: string | undefined;
  /** True to show the whole text on hover, for places where it may be cut. */
  readonly title?: boolean;
}) {
  const shown = showableLine(text);
  return (
    <bdi className={className} title={title ? shown.slice(0, TITLE_LIMIT) : undefined}>
      {shown}
    </bdi>
  );
}

/** Longer than this a name is cut somewhere, in one place or another. */
const LONG_NAME = 20;

/** The end of a long name that tells it from its like (mostly a number); empty when it has no such end. */
function endOfName(name: string): string {
  return name.length > LONG_NAME ? (/[-_/.][^-_/.]{1,4}$/.exec(name)?.[0] ?? '') : '';
}

/** The name of an agent. Where it must be cut it loses its middle, because long names mostly differ at their end. */
export function Name({ text, className }: { readonly text: string; readonly className?: string | undefined }) {
  const shown = showableLine(text);
  const end = endOfName(shown);
  return (
    <bdi className={cx(className, end !== '' && styles.split)} title={shown.slice(0, TITLE_LIMIT)}>
      {end === '' ? (
        shown
      ) : (
        <>
          <span className={styles.head}>{shown.slice(0, -end.length)}</span>
          <span>{end}</span>
        </>
      )}
    </bdi>
  );
}

/** A path, a branch or an address in one line. Where it must be cut it loses its beginning, which its like share. */
export function PathLine({ text, className }: { readonly text: string; readonly className?: string | undefined }) {
  const shown = showableLine(text);
  return (
    <span className={cx(styles.path, className)} title={shown.slice(0, TITLE_LIMIT)}>
      <bdi dir="ltr">{shown}</bdi>
    </span>
  );
}

/** Text of several lines from outside; line breaks stay, nothing is interpreted. */
export function Body({ text, className }: { readonly text: string; readonly className?: string | undefined }) {
  return (
    <div className={cx(styles.body, className)} dir="auto">
      {showable(text)}
    </div>
  );
}
