import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fakeRoom } from '../testing/fakeRoom.tsx';
import { agentView, ago, attentionItem, mailMessage, NOW } from '../testing/fixtures.ts';
import { selectTreeRows, treeRows } from './agentTree.ts';
import { selectAttentionIds } from './attentionOrder.ts';
import { createClock } from './clock.ts';
import { clockTime, dollars, longDuration, shortAge } from './format.ts';
import { inFolder, selectThreads, threadSelector } from './mailFolders.ts';
import { loadPreferences } from './preferences.ts';
import { reuseRows, sameContent } from './reuse.ts';
import { showable, showableLine } from './showable.ts';
import { createUiStore } from './uiStore.ts';

describe('text from outside', () => {
  test.each([
    ['a carriage return cannot overwrite a line', 'safe\rrm -rf', 'safe‹CR›rm -rf'],
    ['an escape sequence is shown, not run', '\u001b[31mred', '‹ESC›[31mred'],
    ['an override of the direction is named', 'exe.\u202Egnp', 'exe.‹RLO›gnp'],
    ['invisible characters are named', 'pay\u200Bpal\uFEFF', 'pay‹ZWSP›pal‹BOM›'],
    ['C1 controls are shown by number', 'a\u009bb', 'a‹9B›b'],
    ['lines and tabs stay', 'a\r\n\tb', 'a\n\tb'],
    ['joined emoji stay', '👩‍💻', '👩‍💻'],
  ])('%s', (_, hostile, shown) => expect(showable(hostile)).toBe(shown));

  test('one line never breaks', () => {
    expect(showableLine('a\r\n\nb\tc')).toBe('a b c');
  });
  test('no control or direction character survives, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(showableLine(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f]/u);
      }),
    );
  });
});

describe('formats', () => {
  test.each([
    [-5, '0s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [3_600_000, '1h'],
    [172_800_000, '2d'],
  ])('age of %d ms is %s', (age, text) => expect(shortAge(age)).toBe(text));
  test.each([
    [12_000, '12 s'],
    [372_000, '6 min 12 s'],
    [7_500_000, '2 h 5 min'],
  ])('duration of %d ms is %s', (length, text) => expect(longDuration(length)).toBe(text));
  test('no figure is not free', () => {
    expect([dollars(null), dollars(0), dollars(4.184), dollars(1_204.4)]).toEqual(['–', '0.00', '4.18', '1,204']);
  });
  test('a broken timestamp shows nothing', () => expect(clockTime('soon', NOW)).toBe(''));
});

describe('agent tree', () => {
  const byId = Object.fromEntries(
    [
      agentView('worker-b', { parent: 'lead', startedAt: ago(10) }),
      agentView('worker-a', { parent: 'lead', startedAt: ago(90) }),
      agentView('lead', { parent: 'coordinator', capability: 'lead', startedAt: ago(100) }),
      agentView('coordinator', { capability: 'coordinator', startedAt: ago(5) }),
      agentView('orphan', { parent: 'gone', startedAt: ago(900) }),
    ].map((agent) => [agent.name, agent]),
  );
  const shape = (folded: readonly string[]) =>
    treeRows(byId, new Set(folded)).map((row) => `${' '.repeat(row.depth)}${row.name} ${row.position}/${row.siblings}`);

  test('coordinator, leads, workers by age; an orphan is a root', () => {
    expect(shape([])).toEqual(['coordinator 1/2', ' lead 1/1', '  worker-a 1/2', '  worker-b 2/2', 'orphan 2/2']);
  });
  test('a folded subtree leaves, its siblings stay', () => {
    expect(shape(['lead'])).toEqual(['coordinator 1/2', ' lead 1/1', 'orphan 2/2']);
  });
  test('every agent stands exactly once, whatever the parents say', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    fc.assert(
      fc.property(fc.dictionary(names, fc.option(names)), (parents) => {
        const agents = Object.fromEntries(
          Object.entries(parents).map(([name, parent]) => [name, agentView(name, { parent })]),
        );
        expect(
          treeRows(agents, new Set())
            .map((row) => row.name)
            .sort(),
        ).toEqual(Object.keys(agents).sort());
      }),
    );
  });
  test('news of an agent that moves nobody keeps the very same list', () => {
    const folded = new Set<string>();
    const before = selectTreeRows(byId, folded);
    const lead = byId.lead;
    if (lead === undefined) throw new Error('fixture');
    expect(selectTreeRows({ ...byId, lead: { ...lead, activity: 'reads' } }, folded)).toBe(before);
  });
});

describe('topics', () => {
  test('a repeated or empty delta keeps the very same state', () => {
    const fake = fakeRoom();
    fake.publish('agents', { put: [agentView('a'), agentView('b')], remove: [] });
    const before = fake.room.topics.agents.getState();
    fake.publish('agents', { put: [], remove: ['nobody'] });
    expect(fake.room.topics.agents.getState()).toBe(before);
  });
  test('a fresh snapshot of the same content changes nothing, one changed row changes only itself', () => {
    const fake = fakeRoom();
    fake.publish('agents', { put: [agentView('a'), agentView('b')], remove: [] });
    const before = fake.room.topics.agents.getState().state;
    fake.resend('agents');
    expect(fake.room.topics.agents.getState().state).toBe(before);
    const next = reuseRows(before, { byId: { a: agentView('a'), b: agentView('b', { turnCount: 9 }) } });
    expect(next.byId.a).toBe(before.byId.a);
    expect(next.byId.b?.turnCount).toBe(9);
  });
  test('content is compared by value', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => sameContent(value, structuredClone(value))));
    expect(sameContent([], {})).toBe(false);
    expect(sameContent({ a: undefined }, { b: undefined })).toBe(false);
  });
});

test('attention stands by kind, the longest wait first', () => {
  const items = [
    attentionItem('error:1', { kind: 'error', at: ago(999) }),
    attentionItem('gate:new', { at: ago(1) }),
    attentionItem('question:1', { kind: 'question', at: ago(500) }),
    attentionItem('gate:old', { at: ago(60) }),
  ];
  expect(selectAttentionIds(Object.fromEntries(items.map((item) => [item.id, item])))).toEqual([
    'gate:old',
    'gate:new',
    'question:1',
    'error:1',
  ]);
});

describe('mail folders', () => {
  const dead = mailMessage('d', {
    delivery: { state: 'dead', turnId: null, attempts: 3, nextAttemptAt: null, updatedAt: ago(1) },
  });
  const toOperator = mailMessage('o', { to: 'operator', createdAt: ago(50) });
  const answer = mailMessage('r', { from: 'operator', to: 'lead-export', threadId: 'o', createdAt: ago(5) });
  const byId = { d: dead, o: toOperator, r: answer };

  test.each([
    ['operator', ['o', 'r']],
    ['all', ['d', 'o', 'r']],
    ['dead', ['d']],
    ['agent:csv-writer', ['d']],
  ])('%s holds %j', (folder, ids) => {
    expect(
      Object.values(byId)
        .filter((mail) => inFolder(folder, mail))
        .map((mail) => mail.id),
    ).toEqual(ids);
  });
  test('a thread counts its mails and the operator’s unread ones, the newest thread first', () => {
    expect(selectThreads(byId, 'all')).toEqual([
      { id: 'o', newest: 'r', count: 2, unread: 1, at: answer.createdAt },
      { id: 'd', newest: 'd', count: 1, unread: 0, at: dead.createdAt },
    ]);
  });
  test('a thread reads from the oldest mail on', () => {
    expect(threadSelector()(byId, 'o').map((mail) => mail.id)).toEqual(['o', 'r']);
  });
});

describe('preferences', () => {
  const storage = (held: string | null) => {
    const kept = new Map(held === null ? [] : [['overstory.room', held]]);
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
  };
  test.each([null, '', '{', '[]', 'null', '{"screen":"../etc","theme":7}', `"${'x'.repeat(40_000)}"`])(
    'what was kept as %j falls back to the defaults',
    (held) =>
      expect(loadPreferences(storage(held))).toMatchObject({ screen: 'fleet', theme: 'system', treeOpen: true }),
  );
  test('one broken field does not lose the others', () => {
    expect(loadPreferences(storage('{"screen":"mail","theme":7}'))).toMatchObject({ screen: 'mail', theme: 'system' });
  });
  test('what is changed is there at the next visit', () => {
    const kept = storage(null);
    createUiStore(kept).setState({ theme: 'light', selectedAgent: 'a' });
    const next = createUiStore(kept).getState();
    expect([next.theme, next.selectedAgent]).toEqual(['light', null]);
  });
});

test('the clock stops while the page is hidden and is right at once when it is shown', () => {
  let now = 1_000;
  let hidden = false;
  let ticking = 0;
  let turn = () => {};
  const clock = createClock({
    now: () => now,
    every() {
      ticking += 1;
      return () => {
        ticking -= 1;
      };
    },
    hidden: () => hidden,
    onVisibility(listener) {
      turn = listener;
      return () => {};
    },
  });
  hidden = true;
  turn();
  expect(ticking).toBe(0);
  now = 60_000;
  hidden = false;
  turn();
  expect([ticking, clock.store.getState().now]).toEqual([1, 60_000]);
  clock.align(new Date(90_000).toISOString());
  expect(clock.store.getState().now).toBe(90_000);
  clock.stop();
  expect(ticking).toBe(0);
});
