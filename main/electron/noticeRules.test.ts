import { expect, test } from 'vitest';
import { keysOf, noticesFor, REPEAT_AFTER_MS, type WatchedRoom } from '../../contract/notices.ts';
import { agentView, attentionItem, runView, watchedRoom } from './testing/views.ts';

const NEVER: ReadonlyMap<string, number> = new Map();
const step = (previous: WatchedRoom | null, next: WatchedRoom, told = NEVER, now = 0) =>
  noticesFor(previous, next, told, now).map((notice) => notice.title);

test('the first look at a room tells nothing', () => {
  expect(step(null, watchedRoom({ attention: [attentionItem('gate', 'lead-1')] }))).toEqual([]);
});

test.each([
  ['a gate', attentionItem('gate', 'lead-1'), ['lead-1 needs a decision: Which format?']],
  ['a question', attentionItem('question', 'scout-1'), ['scout-1 asks: Which format?']],
  ['a death', attentionItem('dead', 'builder-1'), ['builder-1 died']],
  ['a conflict', attentionItem('conflict', 'builder-1', { title: 'src/a.ts' }), ['Merge conflict: src/a.ts']],
  ['a dead letter', attentionItem('deadLetter', 'builder-1'), []],
  ['an error', attentionItem('error', null), []],
])('%s that is new', (_, item, titles) => {
  expect(step(watchedRoom(), watchedRoom({ attention: [item] }))).toEqual(titles);
  expect(step(watchedRoom({ attention: [item] }), watchedRoom({ attention: [item] }))).toEqual([]);
});

test('a gate offers its options and lands on itself', () => {
  const item = attentionItem('gate', 'lead-1', { options: ['CSV', 'JSON'] });
  expect(noticesFor(watchedRoom(), watchedRoom({ attention: [item] }), NEVER, 0)[0]).toMatchObject({
    options: ['CSV', 'JSON'],
    attentionId: 'gate:lead-1',
    target: { screen: 'fleet', agent: 'lead-1', attentionId: 'gate:lead-1' },
  });
});

test('a death is told once, whether agents or attention say so first', () => {
  const alive = watchedRoom({ agents: [agentView('builder-1', 'working')] });
  const dead = [agentView('builder-1', 'dead', { reason: 'exit code 137' })];
  const both = watchedRoom({ agents: dead, attention: [attentionItem('dead', 'builder-1')] });
  expect(step(alive, both)).toEqual(['builder-1 died']);
  const [first] = noticesFor(alive, watchedRoom({ agents: dead }), NEVER, 0);
  expect(first).toMatchObject({ body: 'exit code 137', target: { screen: 'terminals', agent: 'builder-1' } });
  const told = new Map((first === undefined ? [] : keysOf(first)).map((key) => [key, 0]));
  expect(step(watchedRoom({ agents: dead }), both, told, 10)).toEqual([]);
});

test('an agent that appears dead was dead before we looked', () => {
  expect(step(watchedRoom(), watchedRoom({ agents: [agentView('old', 'dead')] }))).toEqual([]);
});

test.each([
  ['completed', 'Run finished'],
  ['failed', 'Run failed'],
] as const)('a run that becomes %s', (status, title) => {
  const notices = noticesFor(
    watchedRoom({ runs: [runView('run-1', 'active')] }),
    watchedRoom({ runs: [runView('run-1', status, { costUsd: 1.5 })] }),
    NEVER,
    0,
  );
  expect(notices.map((notice) => [notice.title, notice.body])).toEqual([[title, 'coordinator: 3 agents, $1.50']]);
});

test('a run first seen finished is old news', () => {
  expect(step(watchedRoom(), watchedRoom({ runs: [runView('run-1', 'completed')] }))).toEqual([]);
});

test('a story that comes and goes rings once a minute', () => {
  const item = attentionItem('gate', 'lead-1');
  const told = new Map([[item.id, 1_000]]);
  const next = watchedRoom({ attention: [item] });
  expect(step(watchedRoom(), next, told, 1_000 + REPEAT_AFTER_MS - 1)).toEqual([]);
  expect(step(watchedRoom(), next, told, 1_000 + REPEAT_AFTER_MS)).toHaveLength(1);
});

test('a flood becomes one notice that still stands for every story in it', () => {
  const items = ['a', 'b', 'c', 'd'].map((agent) => attentionItem('question', agent));
  const notices = noticesFor(watchedRoom(), watchedRoom({ attention: items }), NEVER, 0);
  expect(notices).toHaveLength(1);
  expect(notices[0]?.title).toBe('4 things happened in the room');
  expect(notices.flatMap((notice) => keysOf(notice))).toEqual(items.map((item) => item.id));
});

test('a long body is cut at a character, not inside one', () => {
  const item = attentionItem('gate', 'a', { detail: '😀'.repeat(400) });
  const body = noticesFor(watchedRoom(), watchedRoom({ attention: [item] }), NEVER, 0)[0]?.body ?? '';
  expect([...body]).toHaveLength(220);
  expect(body.endsWith('😀…')).toBe(true);
});
