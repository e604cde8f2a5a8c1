import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHost, type TestHost } from './testHost.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

/** Runs a process that writes to both outputs; gives its files and what its terminal showed. */
async function play(id: string, wanted: { out: boolean; err: boolean }) {
  const [out, err] = [join(host.root, `${id}.out`), join(host.root, `${id}.err`)];
  await host.open(id);
  const viewer = await host.attach(id);
  const files = { stdoutFile: wanted.out ? out : null, stderrFile: wanted.err ? err : null };
  await host.run(id, ['sh', '-c', 'echo to stdout; echo to stderr >&2'], files);
  const { bytes } = await host.ended(id);
  await viewer.until((received) => received.length >= bytes);
  const text = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);
  return { out: await text(out), err: await text(err), shown: viewer.received().toString() };
}

/** Spec 01 §5.1, P3: here the process is on a terminal, whose bytes are the standard error's file. */
describe('P3: where output goes', () => {
  it('with a file for it, standard output is in the file and not on the terminal', async () => {
    expect(await play('out', { out: true, err: false })).toEqual({
      out: 'to stdout\n',
      err: null,
      shown: 'to stderr\r\n',
    });
  });

  it('with a file for it, what the terminal shows is in that file too', async () => {
    expect(await play('err', { out: true, err: true })).toEqual({
      out: 'to stdout\n',
      err: 'to stderr\r\n',
      shown: 'to stderr\r\n',
    });
  });

  it('with neither, all of it is on the terminal', async () => {
    const { out, err, shown } = await play('none', { out: false, err: false });
    expect([out, err]).toEqual([null, null]);
    expect(shown).toContain('to stdout\r\n');
    expect(shown).toContain('to stderr\r\n');
  });
});
