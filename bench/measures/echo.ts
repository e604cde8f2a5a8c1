import { setTimeout as sleep } from 'node:timers/promises';
import type { RoomClient } from '../../contract/room.ts';
import type { PtyHostClient } from '../../main/pty-host/protocol.ts';
import { startEngine } from '../lib/engine.ts';
import { type Measure, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { plainPty } from '../lib/plainPty.ts';
import { plainEnvironment } from '../lib/processes.ts';
import { type BenchProject, benchProject } from '../lib/project.ts';
import { median, now, p95, p99 } from '../lib/stats.ts';
import { viewTerminal } from '../lib/terminalViewer.ts';

const FLOODS = 8;
/** Milliseconds between an echo and the next key: faster than any typist, slow enough not to be joined with it. */
const REST_MS = 12;
const SIZE = { cols: 80, rows: 24 };

/** A key until its echo, in one terminal, while eight others flood unseen. */
export const echo: Measure = {
  name: 'echo',
  title: 'key echo beside 8 floods: over the pty host, over the whole room (WebSocket), beside node-pty alone',
  async run(context) {
    const project = await benchProject(context, { 'README.md': '# Bench\n' });
    const engine = await startEngine(context, project.root);
    const web = await engine.webClient();
    const { client: host } = await project.host();
    const keys = context.pick(150, 60);
    await openTerminal(project, host, 'shell:mirror', ['sh', '-c', 'stty raw -echo; printf ready; exec cat']);
    const direct = await keyboard(
      host,
      await host.call('terminals.attach', { id: 'shell:mirror', size: null, answers: false }),
      (data) => host.call('terminals.write', { id: 'shell:mirror', data }),
    );
    const whole = await keyboard(
      web,
      await web.call('terminals.attach', { terminalId: 'shell:mirror', size: SIZE }),
      (data) => web.call('terminals.write', { terminalId: 'shell:mirror', data }),
    );
    const times = { direct: [] as number[], whole: [] as number[], plain: [] as number[] };
    for (let round = 0; round < context.pick(3, 1); round += 1) {
      times.plain.push(...(await plainPty<number[]>(context, ['echo', FLOODS, keys, REST_MS])));
      for (let flood = 0; flood < FLOODS; flood += 1)
        await openTerminal(project, host, `shell:flood-${flood}`, ['yes', 'a line of a terminal that floods']);
      await sleep(300);
      times.direct.push(...(await direct(keys)));
      times.whole.push(...(await whole(keys)));
      for (let flood = 0; flood < FLOODS; flood += 1)
        await host.call('terminals.close', { id: `shell:flood-${flood}`, force: true });
    }
    return [
      row({
        name: `echo beside ${FLOODS} floods, pty host, p50`,
        ours: median(times.direct),
        reference: median(times.plain),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: 2 },
        note: 'ref: node-pty alone, pty to pty',
      }),
      row({
        name: `echo beside ${FLOODS} floods, pty host, p99`,
        ours: p99(times.direct),
        reference: p99(times.plain),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: 8 },
      }),
      row({
        name: `echo beside ${FLOODS} floods, whole room over WebSocket, p95`,
        ours: p95(times.whole),
        reference: p95(times.plain),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: 20 },
        note: `face to engine to host and back, without painting; p50 ${median(times.whole).toFixed(2)}, p99 ${p99(times.whole).toFixed(2)} ms; best published 31 ms`,
      }),
    ];
  },
};

async function openTerminal(
  project: BenchProject,
  host: PtyHostClient,
  id: string,
  argv: readonly string[],
): Promise<void> {
  must(await host.call('terminals.open', { id, kind: 'shell', agent: null, title: id, cwd: project.root, size: SIZE }));
  must(await host.call('terminals.shell', { id, argv: [...argv], cwd: project.root, env: plainEnvironment() }));
}

/** Types keys one after the other and gives the milliseconds until each came back. */
async function keyboard(
  client: RoomClient | PtyHostClient,
  attached: Parameters<typeof viewTerminal>[1],
  write: (data: string) => Promise<unknown>,
): Promise<(keys: number) => Promise<number[]>> {
  let onEcho: () => void = () => {};
  viewTerminal(client, attached, (bytes) => {
    if (bytes.includes(0x6b)) onEcho();
  });
  return async (keys) => {
    const times: number[] = [];
    for (let key = 0; key < keys; key += 1) {
      await sleep(REST_MS);
      const echoed = new Promise<void>((resolve) => {
        onEcho = resolve;
      });
      const typed = now();
      void write('k');
      await echoed;
      times.push(now() - typed);
      // The other viewer of the terminal has its copy by then; its own keyboard listens to nothing.
      onEcho = () => {};
    }
    return times;
  };
}
