import { OPERATOR } from '../../../contract/ids.ts';
import type { Delivery, MailMessage } from '../../../contract/mail.ts';
import { callEngine } from '../../actions/calls.ts';
import { Button } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { longDuration } from '../../stores/format.ts';
import { useClock, useRoom } from '../../stores/hooks.ts';
import styles from './DeliveryPath.module.css';

/** The stations of a delivery, as far as it got; the last one is where the mail is now. */
export function deliveryStations(delivery: Delivery): readonly string[] {
  switch (delivery.state) {
    case 'queued':
      return ['queued'];
    case 'injected':
      return ['queued', 'injected'];
    case 'read':
      return delivery.turnId === null ? ['queued', 'read'] : ['queued', 'injected', 'read'];
    case 'dead':
      return delivery.attempts > 0 ? ['queued', 'injected', 'dead letter'] : ['queued', 'dead letter'];
  }
}

function NextAttempt({ at, attempts }: { readonly at: string; readonly attempts: number }) {
  const wait = useClock((now) => Math.max(0, Math.ceil((Date.parse(at) - now) / 1_000)));
  const when = wait > 0 ? `in ${longDuration(wait * 1_000)}` : 'now';
  return (
    <span className={styles.note}>
      attempt {attempts + 1} {when}
    </span>
  );
}

/** The way of a mail to its reader: queued, injected into a turn, read, or given up (B2). */
export function DeliveryPath({ message }: { readonly message: MailMessage }) {
  const room = useRoom();
  const { delivery } = message;
  // Nothing carries mail to the operator: it lies in their mailbox until they read it.
  if (delivery === null || message.to === OPERATOR) {
    const state = message.read ? 'read' : message.to === OPERATOR ? 'unread' : 'queued';
    return (
      <span className={styles.path}>
        <span className={cx(styles.station, styles.here)}>{state}</span>
      </span>
    );
  }
  const stations = deliveryStations(delivery);
  return (
    <span className={styles.path} role="group" aria-label={`Delivery: ${stations.at(-1)}`}>
      {stations.map((station, index) => (
        <span key={station} className={styles.step}>
          {index > 0 ? <span aria-hidden="true">→</span> : null}
          <span
            className={cx(
              styles.station,
              index === stations.length - 1 && styles.here,
              station === 'dead letter' && styles.dead,
              station === 'read' && styles.read,
            )}
          >
            {station}
          </span>
        </span>
      ))}
      {delivery.state === 'queued' && delivery.nextAttemptAt !== null && delivery.attempts > 0 ? (
        <NextAttempt at={delivery.nextAttemptAt} attempts={delivery.attempts} />
      ) : null}
      {delivery.state === 'dead' ? (
        <>
          <span className={styles.note}>
            after {delivery.attempts === 1 ? '1 attempt' : `${delivery.attempts} attempts`}
          </span>
          <Button small onClick={() => void callEngine(room, 'mail.resend', { messageId: message.id })}>
            Resend
          </Button>
        </>
      ) : null}
    </span>
  );
}
