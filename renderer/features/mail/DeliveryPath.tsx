import { OPERATOR } from '../../../contract/ids.ts';
import type { Delivery, MailMessage } from '../../../contract/mail.ts';
import { callEngine } from '../../actions/calls.ts';
import { openDialog } from '../../actions/roomActions.tsx';
import { Button } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { Glyph } from '../../components/Glyph.tsx';
import { Line } from '../../components/Text.tsx';
import { longDuration } from '../../stores/format.ts';
import { useClock, useRoom } from '../../stores/hooks.ts';
import styles from './DeliveryPath.module.css';
import { ForwardDialog } from './ForwardDialog.tsx';

/** One station of a delivery: its word, and when it was reached, where that is known. */
export interface DeliveryStation {
  readonly word: string;
  /** ISO; null: not noted. */
  readonly at: string | null;
}

/** The stations of a delivery, as far as it got; the last one is where the mail is now. */
export function deliveryStations(delivery: Delivery, sentAt: string): readonly DeliveryStation[] {
  const queued = { word: 'queued', at: sentAt };
  const injected = { word: 'injected', at: delivery.injectedAt ?? null };
  const started = { word: 'turn started', at: delivery.startedAt ?? null };
  const read = { word: 'read', at: delivery.readAt ?? null };
  switch (delivery.state) {
    case 'queued':
      return [queued];
    case 'injected':
      return [queued, injected];
    case 'started':
      return [queued, injected, started];
    case 'read':
    case 'acknowledged': {
      const way = delivery.turnId === null ? [queued] : [queued, injected, ...(started.at === null ? [] : [started])];
      return delivery.state === 'read'
        ? [...way, read]
        : [...way, read, { word: 'acknowledged', at: delivery.acknowledgedAt ?? null }];
    }
    case 'dead': {
      const letter = { word: 'dead letter', at: delivery.updatedAt };
      return delivery.attempts > 0 ? [queued, injected, letter] : [queued, letter];
    }
  }
}

/** How long after the station before it a station was reached; null when either time is unknown, or they are one moment. */
function stepTime(station: DeliveryStation, before: DeliveryStation | undefined): string | null {
  if (station.at === null || before?.at == null || station.word === 'dead letter') return null;
  const milliseconds = Date.parse(station.at) - Date.parse(before.at);
  return milliseconds >= 1_000 ? `+${longDuration(milliseconds)}` : null;
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

function StepTime({ text }: { readonly text: string | null }) {
  return text === null ? null : <span className={styles.time}>{text}</span>;
}

/** The way of a mail to its reader, each station with the time it took (B2). */
export function DeliveryPath({ message }: { readonly message: MailMessage }) {
  const room = useRoom();
  const { delivery } = message;
  // Nothing carries mail to the operator: it lies in their mailbox until they read it.
  if (delivery === null || message.to === OPERATOR) {
    const settled = delivery?.state === 'acknowledged' ? 'acknowledged' : 'read';
    const state = message.read ? settled : message.to === OPERATOR ? 'unread' : 'queued';
    return (
      <span className={styles.path}>
        <span className={cx(styles.station, styles.here)}>{state}</span>
      </span>
    );
  }
  const stations = deliveryStations(delivery, message.createdAt);
  const here = stations.at(-1)?.word;
  return (
    <span className={styles.path} role="group" aria-label={`Delivery: ${here}`}>
      {stations.map((station, index) => (
        <span key={station.word} className={styles.step}>
          {index > 0 ? <Glyph shape="to" /> : null}
          <span
            title={station.at ?? undefined}
            className={cx(
              styles.station,
              index === stations.length - 1 && styles.here,
              station.word === 'dead letter' && styles.dead,
              (station.word === 'read' || station.word === 'acknowledged') && styles.read,
            )}
          >
            {station.word}
          </span>
          <StepTime text={stepTime(station, stations[index - 1])} />
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
          {delivery.bouncedTo == null ? null : (
            <span className={styles.note}>
              {delivery.bouncedTo === 'nobody' ? 'nobody told' : <Line text={`told ${delivery.bouncedTo}`} />}
            </span>
          )}
          <Button small live onClick={() => void callEngine(room, 'mail.resend', { messageId: message.id })}>
            Resend
          </Button>
          <Button
            small
            live
            onClick={() => openDialog(room, (close) => <ForwardDialog message={message} close={close} />)}
          >
            Forward…
          </Button>
        </>
      ) : null}
    </span>
  );
}
