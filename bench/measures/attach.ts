import { setTimeout as sleep } from 'node:timers/promises';
import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { startEngine } from '../lib/engine.ts';
import { type Measure, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { benchProject } from '../lib/project.ts';
import { interleave, median, p95, p99, timed, worst } from '../lib/stats.ts';
import { viewTerminal } from '../lib/terminalViewer.ts';

const LINES = 1_000;
const SIZE = { cols: 120, rows: 32 };

/** A thousand lines of coloured output, as a busy agent leaves behind. */
function transcript(): string {
  return Array.from(
    { length: LINES + SIZE.rows },
    (_, index) =>
      `\x1b[36m${String(index).padStart(5)}\x1b[0m \x1b[1mEdit\x1b[0m src/part${index % 10}/file.ts \x1b[32m+${index % 40}\x1b[0m \x1b[31m-${index % 7}\x1b[0m ${'word '.repeat(12)}\r\n`,
  ).join('');
}

/** Showing a terminal that was not shown: snapshot over the room, and what it costs everybody else meanwhile. */
export const attach: Measure = {
  name: 'attach',
  title: 'attach to a terminal with 1,000 lines over the room, beside a bare serialize; stall of the pty host',
  async run(context) {
    const project = await benchProject(context, { 'README.md': '# Bench\n' });
    const engine = await startEngine(context, project.root);
    const web = await engine.webClient();
    const { client: host } = await project.host();
    const text = transcript();
    const id = 'agent:talker';
    must(
      await host.call('terminals.open', {
        id,
        kind: 'agent',
        agent: 'talker',
        title: id,
        cwd: project.root,
        size: SIZE,
      }),
    );
    let end = 0;
    for (const part of text.match(/[\s\S]{1,100000}/g) ?? []) {
      must(await host.call('terminals.feed', { id, source: 'bench', offset: end, end: end + part.length, data: part }));
      end += part.length;
    }
    const screen = new headless.Terminal({ ...SIZE, scrollback: LINES, allowProposedApi: true });
    const serializer = new SerializeAddon();
    screen.loadAddon(serializer);
    await new Promise<void>((resolve) => screen.write(text, resolve));

    let characters = 0;
    const attachOnce = async (): Promise<void> => {
      const attached = await web.call('terminals.attach', { terminalId: id, size: SIZE });
      characters = must(attached).snapshot?.length ?? 0;
      viewTerminal(web, attached, () => {});
    };
    await attachOnce();
    const times = await interleave(context.pick(30, 10), {
      ours: attachOnce,
      serialize: () => serializer.serialize({ scrollback: LINES }).length,
    });
    const pings = { beside: [] as number[], alone: [] as number[] };
    const ping = async (into: number[]): Promise<void> => void into.push(await timed(() => host.call('host.info', {})));
    for (let round = 0; round < context.pick(20, 5); round += 1) {
      for (let count = 0; count < 10; count += 1) await ping(pings.alone);
      let over = false;
      const attaching = attachOnce().finally(() => {
        over = true;
      });
      while (!over) await ping(pings.beside);
      await attaching;
      await sleep(5);
    }
    screen.dispose();
    return [
      row({
        name: `attach with ${LINES} lines, p50`,
        ours: median(times.ours),
        reference: median(times.serialize),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: 80 },
        note: `ref: serialize alone; p95 ${p95(times.ours).toFixed(0)} ms; snapshot of ${Math.round(characters / 1_024)} KiB; the goal is product.md's for a whole reveal`,
      }),
      row({
        name: 'pty host answers during an attach, worst',
        ours: worst(pings.beside),
        reference: worst(pings.alone),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: 8 },
        note: `p99 alone ${p99(pings.alone).toFixed(2)} ms; what every other terminal waits while one is shown`,
      }),
    ];
  },
};
