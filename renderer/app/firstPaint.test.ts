import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { Desktop } from '../client/desktop.ts';
import { createPlayedRoom } from '../testing/playedRoom.ts';
import { drawWhenKnown } from './firstPaint.ts';

function setUp(loaded: boolean) {
  const played = createPlayedRoom({ loaded });
  const project = createStore<{ readonly said: unknown }>(() => ({ said: null }));
  // Nothing else of the desktop is asked for.
  const desktop = { project } as unknown as Desktop;
  let drawn = 0;
  let timeIsUp: (() => void) | null = null;
  drawWhenKnown(
    { ...played.room, desktop },
    (_milliseconds, run) => {
      timeIsUp = run;
      return () => {
        timeIsUp = null;
      };
    },
    () => {
      drawn += 1;
    },
  );
  const topics: readonly { setState(part: { readonly loaded: boolean }): void }[] = Object.values(played.room.topics);
  return {
    played,
    project,
    topics,
    load: (topic: (typeof topics)[number]) => topic.setState({ loaded: true }),
    drawn: () => drawn,
    waiting: () => timeIsUp !== null,
    passTime: () => timeIsUp?.(),
  };
}

test('a room whose topics are here is drawn at once', () => {
  const { drawn, waiting } = setUp(true);
  expect([drawn(), waiting()]).toEqual([1, false]);
});

test('it is drawn once, with the last first snapshot', () => {
  const { drawn, topics, load, waiting } = setUp(false);
  for (const topic of topics.slice(1)) load(topic);
  expect(drawn()).toBe(0);
  for (const topic of topics) load(topic);
  expect([drawn(), waiting()]).toEqual([1, false]);
  for (const topic of topics) load(topic);
  expect(drawn()).toBe(1);
});

test.each([
  ['a slow engine', ({ passTime }: ReturnType<typeof setUp>) => passTime()],
  ['no engine', ({ played }: ReturnType<typeof setUp>) => played.setLink({ kind: 'offline', reason: '', attempts: 1 })],
  ['a refusal', ({ played }: ReturnType<typeof setUp>) => played.setLink({ kind: 'refused', reason: 'sign in' })],
  ['no project', ({ project }: ReturnType<typeof setUp>) => project.setState({ said: { project: null } })],
])('%s is not waited for, and what comes later draws nothing again', (_what, happen) => {
  const page = setUp(false);
  expect(page.drawn()).toBe(0);
  happen(page);
  expect([page.drawn(), page.waiting()]).toEqual([1, false]);
  for (const topic of page.topics) page.load(topic);
  page.played.setLink({ kind: 'offline', reason: '', attempts: 2 });
  expect(page.drawn()).toBe(1);
});
