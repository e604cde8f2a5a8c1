import type { MailMessage } from '../../../contract/mail.ts';
import { cx } from '../../components/cx.ts';
import styles from './MailType.module.css';
import { MAIL_TYPE_LOOK, mailTone } from './payloadFacts.ts';

/** The type of a mail as a small word in the colour of its tone. */
export function MailTypeWord({ message }: { readonly message: Pick<MailMessage, 'type' | 'to'> }) {
  return <span className={cx(styles.type, styles[mailTone(message)])}>{MAIL_TYPE_LOOK[message.type].word}</span>;
}
