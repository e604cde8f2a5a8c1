import type { MailType as Type } from '../../../contract/mail.ts';
import { cx } from '../../components/cx.ts';
import styles from './MailType.module.css';
import { MAIL_TYPE_LOOK } from './payloadFacts.ts';

/** The type of a mail as a small word in the colour of its tone. */
export function MailTypeWord({ type }: { readonly type: Type }) {
  const { word, tone } = MAIL_TYPE_LOOK[type];
  return <span className={cx(styles.type, styles[tone])}>{word}</span>;
}
