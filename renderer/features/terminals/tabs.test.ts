import { describe, expect, test } from 'vitest';
import type { TerminalView } from '../../../contract/terminals.ts';
import type { PaneLayout } from '../../stores/paneLayout.ts';
import { agentView, ago } from '../../testing/fixtures.ts';
import { subjectOf } from './Composer.tsx';
import { panesOf } from './tabStore.ts';
import { exitWords, frontTab, neighbour, tabRows } from './tabs.ts';
import { realHost } from './terminalDialogs.tsx';

const AGENTS = Object.fromEntries(
  [
    agentView('coordinator', { capability: 'coordinator' }),
    agentView('worker', { parent: 'coordinator' }),
    agentView('finished', { parent: 'coordinator', status: 'done' }),
  ].map((agent) => [agent.name, agent]),
);

function shell(id: string, more: Partial<TerminalView> = {}): TerminalView {
  return {
    id,
    kind: 'shell',
    agent: null,
    title: 'shell',
    cwd: '/repository',
    running: true,
    pid: 7,
    exit: null,
    createdAt: ago(100),
    ...more,
  };
}

const TERMINALS = {
  'shell:b': shell('shell:b', { createdAt: ago(10) }),
  'shell:a': shell('shell:a', { agent: 'worker' }),
};

describe('tabs', () => {
  const ids = (opened: readonly string[], closed: readonly string[]) =>
    tabRows(AGENTS, TERMINALS, opened, new Set(closed)).map((row) => row.id);

  test.each([
    [
      'the living as in the tree, then shells by age',
      [],
      [],
      ['agent:coordinator', 'agent:worker', 'shell:a', 'shell:b'],
    ],
    ['closed agents leave', [], ['agent:coordinator'], ['agent:worker', 'shell:a', 'shell:b']],
    [
      'opening brings them back',
      ['agent:coordinator'],
      ['agent:coordinator'],
      ['agent:coordinator', 'agent:worker', 'shell:a', 'shell:b'],
    ],
    [
      'an ended agent that was opened',
      ['agent:finished'],
      [],
      ['agent:coordinator', 'agent:finished', 'agent:worker', 'shell:a', 'shell:b'],
    ],
    [
      'what is kept from another project is passed over',
      ['agent:nobody', 'shell:old'],
      [],
      ['agent:coordinator', 'agent:worker', 'shell:a', 'shell:b'],
    ],
  ])('%s', (_, opened, closed, wanted) => expect(ids(opened, closed).toSorted()).toEqual(wanted.toSorted()));

  test('agents come before shells, in the order of the tree', () => {
    expect(ids([], [])).toEqual(['agent:coordinator', 'agent:worker', 'shell:a', 'shell:b']);
  });

  const rows = tabRows(AGENTS, TERMINALS, [], new Set());
  test.each([
    ['shell:b', null, 'shell:b'],
    ['gone', 'worker', 'agent:worker'],
    [null, null, 'agent:coordinator'],
  ])('wanted %s with %s selected: %s is in front', (wanted, selected, front) =>
    expect(frontTab(rows, wanted, selected)).toBe(front),
  );

  test.each([
    ['agent:coordinator', 'agent:worker'],
    ['shell:b', 'shell:a'],
    ['gone', 'agent:coordinator'],
  ])('when %s leaves, %s comes', (id, next) => expect(neighbour(rows, id)).toBe(next));

  describe('panes', () => {
    const first = { pane: 0, terminal: 'shell:a' };
    const second = { pane: 1, terminal: 'shell:b' };
    const kept: PaneLayout = { split: 'right', first, second };

    test('without a division one pane shows what is wanted', () => {
      expect(panesOf(rows, null, 7, 'shell:a', null)).toEqual({ layout: first, active: first });
      expect(panesOf([], null, 0, null, null)).toEqual({ layout: null, active: null });
    });
    test('a wanted terminal that stands in a pane makes it the one in use', () =>
      expect(panesOf(rows, kept, 0, 'shell:b', null)).toEqual({ layout: kept, active: second }));
    test('any other wanted one comes into the pane in use', () => {
      const worker = { pane: 1, terminal: 'agent:worker' };
      expect(panesOf(rows, kept, 1, 'agent:worker', null)).toEqual({
        layout: { ...kept, second: worker },
        active: worker,
      });
    });
    test('panes of terminals that are gone close', () => {
      const gone: PaneLayout = { ...kept, second: { pane: 1, terminal: 'shell:gone' } };
      expect(panesOf(rows, gone, 1, 'shell:gone', null)).toEqual({ layout: first, active: first });
    });
  });
});

describe('words', () => {
  test.each([
    [{ running: true, exit: null }, null],
    [{ running: false, exit: { code: 0, signal: null } }, 'Ended with exit code 0.'],
    [{ running: false, exit: { code: null, signal: 9 } }, 'Ended by signal 9.'],
    [{ running: false, exit: null }, 'This shell has not started.'],
  ])('%j: %s', (terminal, words) => expect(exitWords(terminal)).toBe(words));

  test.each([
    ['  Use half up.\nAs last year.', 'Use half up.'],
    [`${'word '.repeat(30)}`, `${'word '.repeat(16).trim()}…`],
    ['x'.repeat(100), `${'x'.repeat(80)}…`],
  ])('the subject of a mail is its first line', (words, subject) => expect(subjectOf(words)).toBe(subject));

  test.each([
    ['https://example.org@evil.test/x', 'evil.test'],
    ['http://127.0.0.1:3000/x', '127.0.0.1:3000'],
    ['mailto:someone@example.org', 'someone@example.org'],
  ])('%s really leads to %s', (address, host) => expect(realHost(address)).toBe(host));
});
