import type { DeliveryState } from '../../../contract/mail.ts';

/** Where a mail is on its way, as stored beside the reference's own row. Times are ISO; null: not reached in this attempt. */
export interface DeliveryRecord {
  readonly state: DeliveryState;
  /** The turn that carries or carried it. */
  readonly turnId: string | null;
  /** Deliveries so far that count. */
  readonly attempts: number;
  /** Not given to a turn before. */
  readonly nextAttemptAt: string | null;
  readonly reason: string | null;
  readonly injectedAt: string | null;
  readonly startedAt: string | null;
  readonly readAt: string | null;
  /** Set while a turn still carries the mail too: an agent may answer before its turn ends. */
  readonly acknowledgedAt: string | null;
}

/** What can happen to a mail. */
export type DeliveryEvent =
  /** A turn takes it along; counts an attempt. */
  | { readonly kind: 'carried'; readonly turnId: string }
  /** The runtime of that turn has shown its first sign of life, so it has its input. */
  | { readonly kind: 'turnStarted' }
  /** The turn ended well. */
  | { readonly kind: 'turnEnded' }
  /** The turn failed: back into the queue, not before a time. `uncounted`: the attempt was nobody's fault. */
  | { readonly kind: 'returned'; readonly nextAttemptAt: string; readonly reason: string; readonly uncounted: boolean }
  /** Nobody will read it unless a person does something. */
  | { readonly kind: 'givenUp'; readonly reason: string }
  /** Its reader, or a person, took it by hand. */
  | { readonly kind: 'taken' }
  /** Its reader answered it, confirmed it, or reported the work it asked for. */
  | { readonly kind: 'acknowledged' }
  /** A person puts a dead letter back into the queue. */
  | { readonly kind: 'resent' };

/** A mail nothing has happened to: what a row of the reference without one of ours is. */
export const QUEUED: DeliveryRecord = {
  state: 'queued',
  turnId: null,
  attempts: 0,
  nextAttemptAt: null,
  reason: null,
  injectedAt: null,
  startedAt: null,
  readAt: null,
  acknowledgedAt: null,
};

/**
 * The next state of a mail, or null where the event means nothing: a mail that is read is not carried again, an end of a
 * turn that carries it no longer changes nothing. Queued → injected → started → read → acknowledged is the good way; each
 * failure leads back to queued or to a dead letter.
 */
export function nextDelivery(now: DeliveryRecord, event: DeliveryEvent, at: string): DeliveryRecord | null {
  const carried = now.state === 'injected' || now.state === 'started';
  const waiting = now.state === 'queued' || now.state === 'dead';
  switch (event.kind) {
    case 'carried':
      // Also from a turn that is gone: whoever asks has made sure of that.
      if (now.state !== 'queued' && !carried) return null;
      return {
        ...now,
        state: 'injected',
        turnId: event.turnId,
        attempts: now.attempts + 1,
        nextAttemptAt: null,
        reason: null,
        injectedAt: at,
        startedAt: null,
      };
    case 'turnStarted':
      return now.state === 'injected' ? { ...now, state: 'started', startedAt: at } : null;
    case 'turnEnded':
      return carried ? received(now, at) : null;
    case 'returned':
      if (!carried) return null;
      return {
        ...now,
        state: 'queued',
        attempts: Math.max(0, now.attempts - (event.uncounted ? 1 : 0)),
        nextAttemptAt: event.nextAttemptAt,
        reason: event.reason,
      };
    case 'givenUp':
      return carried || now.state === 'queued'
        ? { ...now, state: 'dead', nextAttemptAt: null, reason: event.reason }
        : null;
    case 'taken':
      return carried || waiting ? received(now, at) : null;
    case 'acknowledged':
      // A mail whose turn failed is tried again all the same: the answer may have been the only thing that turn got done.
      if (carried || (now.state === 'queued' && now.attempts > 0))
        return now.acknowledgedAt === null ? { ...now, acknowledgedAt: at } : null;
      return now.state === 'acknowledged' ? null : received({ ...now, acknowledgedAt: now.acknowledgedAt ?? at }, at);
    case 'resent':
      return now.state === 'dead' ? { ...QUEUED, acknowledgedAt: now.acknowledgedAt } : null;
  }
}

/** Its reader has it: read, or acknowledged when that came first. */
function received(now: DeliveryRecord, at: string): DeliveryRecord {
  return {
    ...now,
    state: now.acknowledgedAt === null ? 'read' : 'acknowledged',
    nextAttemptAt: null,
    reason: null,
    readAt: now.readAt ?? at,
  };
}

/** What a step is called where a mail's way is told. */
export function deliveryWords(event: DeliveryEvent): string {
  switch (event.kind) {
    case 'carried':
      return 'carried by a turn';
    case 'turnStarted':
      return 'turn started';
    case 'turnEnded':
      return 'turn ended well';
    case 'returned':
      return event.uncounted ? 'put back, uncounted' : 'turn failed';
    case 'givenUp':
      return 'given up';
    case 'taken':
      return 'taken by hand';
    case 'acknowledged':
      return 'acknowledged';
    case 'resent':
      return 'sent again by a person';
  }
}
