import { expect, test } from 'vitest';
import { syncScrollOnceAFrame, type Viewport } from './scrollSync.ts';

/** A viewport that tells what it was asked, and frames that come when the test says so. */
function viewport() {
  const did: string[] = [];
  const frames: (() => void)[] = [];
  const view: Viewport = {
    _sync: (...position) => void did.push(position.length === 0 ? 'sync' : `sync ${position[0]}`),
    scrollLines: (lines) => void did.push(`by ${lines}`),
    scrollToLine: (line) => void did.push(`to ${line}`),
  };
  syncScrollOnceAFrame(view, (run) => frames.push(run));
  return {
    view,
    frames,
    did: () => did.splice(0),
    paint: () => {
      for (const run of frames.splice(0)) run();
    },
  };
}

test('lines move the scrollbar once, in the frame that shows them, and the next ones again', () => {
  const { view, frames, did, paint } = viewport();
  for (let line = 0; line < 1_000; line += 1) view._sync();
  expect([did(), frames.length]).toEqual([[], 1]);
  paint();
  expect(did()).toEqual(['sync']);
  view._sync();
  paint();
  paint();
  expect(did()).toEqual(['sync']);
});

test('whoever scrolls does so from where the lines are', () => {
  const { view, did, paint } = viewport();
  view._sync();
  view.scrollLines(-3);
  view._sync();
  view.scrollToLine(7);
  view.scrollLines(1);
  expect(did()).toEqual(['sync', 'by -3', 'sync', 'to 7', 'by 1']);
  paint();
  expect(did()).toEqual([]);
});

test("xterm's own syncs of a frame go through at once and do not stand for those of lines", () => {
  const { view, did, paint } = viewport();
  view._sync();
  view._sync(undefined);
  view._sync(5);
  expect(did()).toEqual(['sync undefined', 'sync 5']);
  paint();
  expect(did()).toEqual(['sync']);
});
