import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureScreen } from '../platform/screenState.ts';
import { removeTestFolder, testFolder } from '../platform/testFolders.ts';
import { drawableTerminal } from './drawScreen.ts';
import { ScreenDrawer } from './screenDrawer.ts';

let folder: string;
let faults: string[];
beforeEach(async () => {
  folder = await testFolder('drawer');
  faults = [];
});
afterEach(() => removeTestFolder(folder));

function screenOf(lines: number) {
  const { terminal, draw } = drawableTerminal({ cols: 60, rows: 20 }, 1_000);
  const core = terminal as unknown as { readonly _core: { writeSync(text: string): void } };
  for (let line = 0; line < lines; line += 1)
    core._core.writeSync(`\x1b[${31 + (line % 7)}mline ${line}\x1b[0m 日本 ${'text '.repeat(line % 9)}\r\n`);
  core._core.writeSync('\x1b[?2004h\x1b[5;7H\x1b[1;44mhere');
  const state = captureScreen(terminal);
  if (state === null) throw new Error('no state');
  return { state, drawn: draw() };
}

const makeDrawer = (entry?: string) => new ScreenDrawer((error) => faults.push(String(error)), entry);

async function untilReady(drawer: ScreenDrawer): Promise<void> {
  while (!drawer.isReady) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('ScreenDrawer', () => {
  it('draws in its thread what the terminal itself draws, several at once', async () => {
    const drawer = makeDrawer();
    const screens = [1_200, 3, 400].map(screenOf);
    expect(await drawer.draw(screens[0]?.state ?? new Uint8Array(), 1_000)).toBe(screens[0]?.drawn);
    await untilReady(drawer);
    const drawn = await Promise.all(screens.map(({ state }) => drawer.draw(state, 1_000)));
    expect(drawn).toEqual(screens.map((screen) => screen.drawn));
    expect(faults).toEqual([]);
  });

  it('draws what was asked all the same when its thread breaks, and tells', async () => {
    const entry = join(folder, 'breaks.mjs');
    await writeFile(
      entry,
      "import { parentPort } from 'node:worker_threads';\nparentPort.postMessage({ ready: true });\nparentPort.on('message', () => { throw new Error('no more'); });\n",
    );
    const drawer = makeDrawer(entry);
    await untilReady(drawer);
    const { state, drawn } = screenOf(300);
    expect(await drawer.draw(state, 1_000)).toBe(drawn);
    expect(faults).toEqual(['Error: no more']);
    expect(drawer.isReady).toBe(false);
    expect(await drawer.draw(state, 1_000)).toBe(drawn);
  });

  it('does without a thread that cannot be started', async () => {
    const drawer = makeDrawer(join(folder, 'nowhere.mjs'));
    expect(drawer.isReady).toBe(false);
    const { state, drawn } = screenOf(300);
    expect(await drawer.draw(state, 1_000)).toBe(drawn);
  });

  it('gives null for what is no state, and tells', async () => {
    expect(await makeDrawer().draw(Uint8Array.of(1, 2, 3), 1_000)).toBeNull();
    expect(faults).toHaveLength(1);
  });
});
