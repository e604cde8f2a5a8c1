import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ok } from '../../../contract/result.ts';
import type { TimelineItem } from '../../../contract/timeline.ts';
import { fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { agentView, ago, NOW } from '../../testing/fixtures.ts';
import { TimelineScreen } from './TimelineScreen.tsx';

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
      unobserve() {}
    },
  );
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function item(id: number, more: Partial<TimelineItem> = {}): TimelineItem {
  return {
    id,
    at: new Date(NOW - 600_000 + id * 1_000).toISOString(),
    runId: 'run-1',
    agent: 'mailer',
    kind: 'tool',
    summary: `event ${id}`,
    to: null,
    toolName: null,
    level: 'info',
    durationMs: null,
    state: null,
    ...more,
  };
}

function timeline(items: readonly TimelineItem[]) {
  const fake = fakeRoom();
  fake.publish('agents', { put: [agentView('mailer'), agentView('parser')], remove: [] });
  fake.publish('runs', {
    put: [
      {
        id: 'run-2',
        startedAt: ago(600),
        completedAt: null,
        status: 'active',
        coordinator: null,
        agentCount: 1,
        costUsd: null,
        current: true,
      },
    ],
    remove: [],
  });
  fake.publish('timeline', { append: items });
  renderRoom(fake, <TimelineScreen />);
  return fake;
}

const events = () => screen.getAllByRole('option').filter((option) => option.hasAttribute('data-event'));

describe('timeline', () => {
  test('says every event in words: when, who, what, how long', () => {
    timeline([item(1, { kind: 'toolEnd', level: 'error', summary: 'tests failed', durationMs: 1_400 })]);
    expect(events()[0]?.textContent).toMatch(/^\d\d:\d\d:\d\dmailerfailed resulttests failed1\.4 s$/);
  });

  test('lanes are the agents something happened to', () => {
    timeline([item(1), item(2, { kind: 'mail', to: 'operator' })]);
    expect(screen.getByRole('button', { name: /mailer/ })).toBeDefined();
    expect(screen.getByRole('button', { name: 'operator' })).toBeDefined();
    expect(screen.queryByRole('button', { name: /parser/ })).toBeNull();
  });

  test('a long history renders only what is in view', () => {
    timeline(Array.from({ length: 2_000 }, (_, index) => item(index + 1)));
    expect(screen.getByText('2000 events')).toBeDefined();
    expect(events().length).toBeLessThan(80);
  });

  test('arrows choose an event, its agent becomes the selected one, Enter opens the terminal', async () => {
    const fake = timeline([item(1), item(2, { agent: 'parser' }), item(3)]);
    screen.getByRole('listbox', { name: 'Events' }).focus();
    press('ArrowUp');
    press('ArrowUp');
    await settled();
    expect(fake.room.ui.getState().selectedAgent).toBe('parser');
    expect(events().find((event) => event.getAttribute('aria-selected') === 'true')?.dataset.event).toBe('2');
    press('Home');
    press('Enter');
    expect(fake.room.ui.getState()).toMatchObject({ screen: 'terminals', terminalFront: 'agent:mailer' });
  });

  test('a run filters lanes and list', async () => {
    timeline([item(1), item(2, { agent: 'parser', runId: 'run-2' })]);
    fireEvent.change(screen.getByRole('combobox', { name: 'Run' }), { target: { value: 'run-2' } });
    await settled();
    expect(screen.getByText('1 event')).toBeDefined();
    expect(events().map((event) => event.dataset.event)).toEqual(['2']);
  });

  test('a stretch of time drawn with Shift filters the list, Escape ends it', async () => {
    timeline(Array.from({ length: 100 }, (_, index) => item(index + 1)));
    const chart = screen.getByRole('application');
    chart.setPointerCapture = () => {};
    const at = (clientX: number) => ({ clientX, clientY: 60, button: 0, shiftKey: true, pointerId: 1 });
    fireEvent.pointerDown(chart, at(0));
    fireEvent.pointerMove(chart, at(790));
    fireEvent.pointerUp(chart, at(790));
    await settled();
    expect(screen.getByRole('button', { name: 'End the filter' }).textContent).toContain('100 events');
    fireEvent.pointerDown(chart, at(788));
    fireEvent.pointerMove(chart, at(799));
    fireEvent.pointerUp(chart, at(799));
    await settled();
    expect(screen.getByText('Nothing happened in that stretch of time.')).toBeDefined();
    fireEvent.keyDown(chart, { key: 'Escape' });
    await settled();
    expect(events().length).toBeGreaterThan(0);
  });

  describe('by keys on the chart', () => {
    const card = () => screen.queryByTestId('timeline-card')?.textContent ?? null;
    const said = () => screen.getByRole('status', { name: 'Thing on the timeline' }).textContent;
    const key = async (name: string) => {
      fireEvent.keyDown(screen.getByRole('application'), { key: name });
      await settled();
    };
    const walked = async () => {
      const fake = timeline([
        item(1, { kind: 'turnStart' }),
        item(2, { summary: 'Bash npm test' }),
        item(3, { kind: 'mail', to: 'parser', summary: 'question: which?' }),
        item(4, { agent: 'parser', kind: 'merge', summary: 'merged clean' }),
      ]);
      screen.getByRole('application').focus();
      await settled();
      expect(said()).toBe('');
      return fake;
    };

    test('arrows walk over the things of a lane and between lanes, and say each', async () => {
      await walked();
      await key('ArrowRight');
      expect(said()).toContain('mailer to parser, mail: question: which?');
      await key('ArrowLeft');
      expect(said()).toContain('mailer, tool: Bash npm test');
      await key('ArrowLeft');
      expect(said()).toContain('mailer, turn: event 1');
      await key('ArrowLeft');
      expect(said()).toContain('mailer, turn: event 1');
      await key('ArrowDown');
      await key('ArrowRight');
      expect(said()).toContain('parser, merge: merged clean');
    });

    test('Enter chooses what a click chooses', async () => {
      const fake = await walked();
      await key('Enter');
      expect(events().some((event) => event.getAttribute('aria-selected') === 'true')).toBe(false);
      await key('ArrowRight');
      await key('ArrowDown');
      await key('ArrowRight');
      await key('Enter');
      expect(fake.room.ui.getState().selectedAgent).toBe('parser');
      expect(events().find((event) => event.getAttribute('aria-selected') === 'true')?.dataset.event).toBe('4');
    });

    test('Escape closes the card and only then ends the filter; without focus nothing is said', async () => {
      await walked();
      const chart = screen.getByRole('application');
      Object.defineProperty(chart, 'clientWidth', { value: 800 });
      fireEvent.keyDown(chart, { key: 'ArrowLeft', shiftKey: true });
      await key('ArrowRight');
      expect(card()).toContain('question: which?');
      await key('Escape');
      expect(card()).toBeNull();
      expect(screen.getByRole('button', { name: 'End the filter' })).toBeDefined();
      await key('Escape');
      expect(screen.queryByRole('button', { name: 'End the filter' })).toBeNull();
      expect(said()).not.toBe('');
      chart.blur();
      await settled();
      expect(said()).toBe('');
    });
  });

  test('moving by hand ends following, End follows again', async () => {
    timeline([item(1)]);
    const chart = screen.getByRole('application');
    const following = () => screen.queryByRole('button', { name: 'Following now' }) !== null;
    expect(following()).toBe(true);
    fireEvent.keyDown(chart, { key: 'PageUp' });
    await settled();
    expect(following()).toBe(false);
    fireEvent.keyDown(chart, { key: 'End' });
    await settled();
    expect(following()).toBe(true);
  });

  test('scrolling to the top asks for the page before, once, until there is none', async () => {
    const fake = timeline(Array.from({ length: 300 }, (_, index) => item(index + 201)));
    fake.answer('timeline.page', (input) => {
      const { before } = input as { before: number };
      return ok({ items: before > 1 ? Array.from({ length: 200 }, (_, index) => item(before - 1 - index)) : [] });
    });
    const list = screen.getByRole('listbox', { name: 'Events' });
    Object.defineProperty(list, 'scrollHeight', { value: 7_200, configurable: true });
    const scrollUp = async () => {
      list.scrollTop = 10;
      fireEvent.scroll(list);
      fireEvent.scroll(list);
      await settled();
    };
    await scrollUp();
    expect(screen.getByText('500 events')).toBeDefined();
    await scrollUp();
    await scrollUp();
    expect(fake.calls).toEqual([
      { name: 'timeline.page', input: { before: 201 } },
      { name: 'timeline.page', input: { before: 1 } },
    ]);
  });

  test('before anything happened it says what will be here', () => {
    renderRoom(fakeRoom(), <TimelineScreen />);
    expect(screen.getByText('Nothing has happened yet')).toBeDefined();
  });
});
