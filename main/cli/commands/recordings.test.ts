import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject } from '../../core/chaos/chaosProject.ts';
import { ensurePtyHost } from '../../pty-host/client.ts';
import type { PtyHostClient } from '../../pty-host/protocol.ts';
import { value } from '../../pty-host/testHost.ts';
import { momentOf } from './recordings.ts';

let project: ChaosProject;
let host: PtyHostClient;
beforeAll(async () => {
  project = await createChaosProject();
  host = value(await ensurePtyHost({ projectRoot: project.root })).client;
  const id = 'agent:painter';
  const size = { cols: 60, rows: 10 };
  value(
    await host.call('terminals.open', {
      id,
      kind: 'agent',
      agent: 'painter',
      title: 'painter',
      cwd: project.root,
      size,
    }),
  );
  for (const text of ['\\033[31mred\\033[0m\\n', '\\033]52;c;aGk=\\007\\033[6nsecond\\n']) {
    const files = { stdinFile: null, stdoutFile: null, stderrFile: null, exitFile: null };
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin' };
    value(
      await host.call('terminals.run', {
        id,
        argv: ['printf', text],
        cwd: project.root,
        env,
        tag: text.slice(-9, -4),
        ...files,
      }),
    );
    await new Promise<void>((resolve) => {
      const stop = host.subscribe('terminals', (state) => {
        if (state.byId[id]?.exit === null || state.byId[id]?.running !== false) return;
        resolve();
        queueMicrotask(() => stop());
      });
    });
  }
  value(await host.call('recordings.flush', { id: null }));
});
afterAll(async () => {
  host.close();
  await project.dispose();
});

/** How long the listed recording is, in seconds; its ends are whole milliseconds. */
function secondsOf(listed: string): number {
  const { from, to } = JSON.parse(listed).recordings[0] as { readonly from: string; readonly to: string };
  return (Date.parse(to) - Date.parse(from)) / 1_000;
}

describe('ov recordings', () => {
  it('lists, plays, draws and exports without an engine', async () => {
    const out = join(project.root, 'painter.cast');
    const [listed, played, screen, exported, part] = await Promise.all([
      project.ov(['recordings', 'list', '--json']),
      project.ov(['recordings', 'play', 'painter', '--speed', '100', '--idle', '0']),
      project.ov(['recordings', 'screen', 'painter', '--at', '1:00:00', '--json']),
      project.ov(['recordings', 'export', 'painter', '--out', out]),
      project.ov(['recordings', 'export', 'agent:painter', '--from', '1:00:00', '--out', `${out}.part`, '--json']),
    ]);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      success: true,
      recordings: [{ terminalId: 'agent:painter', agent: 'painter', kind: 'agent', segments: 1, fromBeginning: true }],
    });
    expect(played.stdout).toContain('\x1b[31mred\x1b[0m\r\nsecond\r\n');
    expect(played.stdout).not.toContain('\x1b]52');
    expect(played.stdout).not.toContain('\x1b[6n');
    expect(JSON.parse(screen.stdout)).toMatchObject({
      size: { cols: 60, rows: 10 },
      exact: true,
      snapshot: expect.stringContaining('\x1b[31mred\r\n\x1b[0msecond'),
    });
    expect(exported).toMatchObject({ code: 0, stdout: `Wrote ${out}\n` });
    const [header, ...lines] = (await readFile(out, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(header).toMatchObject({ version: 2, width: 60, height: 10, title: 'painter' });
    const events = lines as readonly (readonly [number, string, string])[];
    // Seconds from the header's moment on, never backwards; what is drawn first may lie a moment behind it.
    const times = events.map(([time]) => time);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(times[0]).toBeGreaterThanOrEqual(0);
    expect(times.at(-1)).toBeLessThanOrEqual(secondsOf(listed.stdout) + 0.001);
    expect(events.map(([, kind]) => kind).join('')).toMatch(/^mo+mmo+m$/);
    expect(JSON.parse(part.stdout)).toMatchObject({ success: true, events: 1 });
    expect(await readFile(`${out}.part`, 'utf8')).toContain('second');
  });

  it('tells in one line what is wrong', async () => {
    const wrong: readonly (readonly [args: readonly string[], line: string])[] = [
      [['play', 'nobody'], 'nothing is recorded of nobody: "ov recordings list" shows what is'],
      [['play', 'painter', '--speed', 'x'], '--speed must be a number above 0, such as 4'],
      [['play', 'painter', '--from', 'noon'], '--from must be a time such as 2026-01-31T12:00:00Z'],
      [['screen', 'painter', '--at', '2001-01-01T00:00:00Z'], 'ask for a later moment'],
      [['export', 'painter', '--out', '/nowhere/a.cast'], '/nowhere/a.cast cannot be written (ENOENT)'],
    ];
    const ends = await Promise.all(wrong.map(([args]) => project.ov(['recordings', ...args])));
    for (const [index, [, line]] of wrong.entries()) {
      expect(ends[index]).toMatchObject({ code: 1, stdout: '' });
      expect(ends[index]?.stderr).toContain(line);
      expect(ends[index]?.stderr.trimEnd()).not.toContain('\n');
    }
  });
});

it.each([
  ['90', 90],
  ['1:30', 90],
  ['1:00:00.5', 3_600.5],
  ['1970-01-01T00:16:40Z', 0],
] as const)('reads the moment %s', (text, seconds) => {
  expect(momentOf(text, 1_000_000, 'from', 7)).toEqual({ ok: true, value: 1_000_000 + seconds * 1_000 });
});
