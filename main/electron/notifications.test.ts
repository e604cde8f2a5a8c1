import { EventEmitter } from 'node:events';
import type { Notification } from 'electron';
import { expect, test } from 'vitest';
import type { ShellTarget } from '../../contract/shell.ts';
import { createNotifier } from './notifications.ts';
import { attentionItem, watchedRoom } from './testing/views.ts';

function setUp(looking = false, prefix = '') {
  const shown: (EventEmitter & { options: Electron.NotificationConstructorOptions })[] = [];
  class FakeNotification extends EventEmitter {
    static isSupported = () => true;
    readonly options: Electron.NotificationConstructorOptions;
    constructor(options: Electron.NotificationConstructorOptions) {
      super();
      this.options = options;
    }
    show(): void {
      shown.push(this);
    }
  }
  const opened: ShellTarget[] = [];
  const answered: string[] = [];
  const notifier = createNotifier({
    Notification: FakeNotification as unknown as typeof Notification,
    clock: { now: () => 0 },
    prefix: () => prefix,
    isLooking: () => looking,
    open: (target) => opened.push(target),
    answer: (id, option) => answered.push(`${id} ${option}`),
  });
  return { notifier, shown, opened, answered };
}

const gate = watchedRoom({ attention: [attentionItem('gate', 'lead-1', { options: ['CSV', 'JSON'] })] });

test('a click lands on the exact place, a button answers', () => {
  const { notifier, shown, opened, answered } = setUp();
  notifier.update(watchedRoom());
  notifier.update(gate);
  expect(shown).toHaveLength(1);
  expect(shown[0]?.options.actions?.map((action) => action.text)).toEqual(['CSV', 'JSON']);
  shown[0]?.emit('click');
  shown[0]?.emit('action', {}, 1);
  expect(opened).toEqual([{ screen: 'fleet', agent: 'lead-1', attentionId: 'gate:lead-1' }]);
  expect(answered).toEqual(['gate:lead-1 JSON']);
});

test('nothing rings for what the person looks at, nor again afterwards', () => {
  const { notifier, shown } = setUp(true);
  notifier.update(watchedRoom());
  notifier.update(gate);
  notifier.update(watchedRoom());
  notifier.update(gate);
  expect(shown).toHaveLength(0);
});

test('a project that was not watched before starts silent', () => {
  const { notifier, shown } = setUp();
  notifier.update(gate);
  expect(shown).toHaveLength(0);
});

test('what happens in a project behind the one in front says which one', () => {
  const { notifier, shown } = setUp(false, 'shop: ');
  notifier.update(watchedRoom());
  notifier.update(gate);
  expect(shown[0]?.options.title).toMatch(/^shop: ./);
});
