import type { Notification } from 'electron';
import { ALL_NOTICES, isQuiet, keysOf, type Notice, noticesFor, type WatchedRoom } from '../../contract/notices.ts';
import type { ShellTarget } from '../../contract/shell.ts';
import type { Clock } from '../platform/clock.ts';

export interface NotificationDependencies {
  readonly Notification: typeof Notification;
  readonly clock: Clock;
  /** True while the person looks at the room: what happens is on the screen then. */
  isLooking(): boolean;
  /** Stands before the title where another project is in front: which one it is about. */
  prefix(): string;
  open(target: ShellTarget): void;
  answer(attentionId: string, option: string): void;
}

/** Shows notices of the system for what happens in the room; feed it every state. */
export interface Notifier {
  update(room: WatchedRoom): void;
}

/** Builds the notifier. A click lands on the exact place; a gate's options are buttons where the system has them. */
export function createNotifier(dependencies: NotificationDependencies): Notifier {
  let previous: WatchedRoom | null = null;
  const told = new Map<string, number>();
  // A shown notification whose object is collected loses its click; it is kept until the system is done with it.
  const shown = new Set<Notification>();

  function show(notice: Notice): void {
    const notification = new dependencies.Notification({
      title: `${dependencies.prefix()}${notice.title}`,
      body: notice.body,
      actions: notice.options.map((text) => ({ type: 'button' as const, text })),
    });
    notification.on('click', () => dependencies.open(notice.target));
    notification.on('action', (_event, index) => {
      const option = notice.options[index];
      if (option !== undefined && notice.attentionId !== null) dependencies.answer(notice.attentionId, option);
    });
    notification.on('close', () => shown.delete(notification));
    notification.on('failed', () => shown.delete(notification));
    shown.add(notification);
    notification.show();
  }

  return {
    update(room) {
      const now = dependencies.clock.now();
      const notices = noticesFor(previous, room, told, now);
      const silent = dependencies.isLooking() || isQuiet(room.notifications ?? ALL_NOTICES, now);
      previous = room;
      for (const notice of notices) {
        for (const key of keysOf(notice)) told.set(key, now);
        if (!silent && dependencies.Notification.isSupported()) show(notice);
      }
    },
  };
}
