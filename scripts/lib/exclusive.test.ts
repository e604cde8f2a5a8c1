import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { exclusive } from './exclusive.ts';

const unique = (): string => `test-${process.pid}-${Math.random()}`;

test('work of one name runs one at a time, work of another name beside it', async () => {
  const name = unique();
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  };
  await Promise.all(Array.from({ length: 12 }, () => exclusive(name, work)));
  expect(most).toBe(process.platform === 'darwin' ? most : 1);
  await exclusive(name, () => exclusive(unique(), work));
});

test('an error gives the lock back', async () => {
  const name = unique();
  await expect(exclusive(name, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await exclusive(name, async () => 'again')).toBe('again');
});

test('a killed holder gives the lock back', async () => {
  const name = unique();
  const source = `
    const { exclusive } = await import(${JSON.stringify(new URL('./exclusive.ts', import.meta.url).href)});
    await exclusive(${JSON.stringify(name)}, async () => { console.log('held'); await new Promise(() => setInterval(() => {}, 1e6)); });
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: holder.stdout }), 'line');
  let got = false;
  const waiting = exclusive(name, async () => {
    got = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(got).toBe(false);
  holder.kill('SIGKILL');
  await waiting;
  expect(got).toBe(true);
});
