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

/** Text of several lines from outside; line breaks stay, nothing is interpreted. */
export function Body({ text, className }: { readonly text: string; readonly className?: string | undefined }) {
  return (
    <div className={cx(styles.body, className)} dir="auto">
      {showable(text)}
    </div>
  );
}
