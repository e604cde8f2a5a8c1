import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEngine, topicUntil } from '../lib/engine.ts';
import { type Measure, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { benchProject } from '../lib/project.ts';
import { median, now, p99, worst } from '../lib/stats.ts';

const SPEC = '# Task\n\n```rehearsal\nstart:\n  - say: Here.\non:\n  any:\n    - say: Noted.\n```\n';

/** A mail to a resting agent, until the process of its next turn runs. */
export const mailToTurn: Measure = {
  name: 'mail-to-turn',
  title: 'mail sent until the process of the agent’s turn runs (rehearsal, pace 0)',
  async run(context) {
    const project = await benchProject(context);
    const engine = await startEngine(context, project.root);
    const client = await engine.client();
    must(await client.call('tasks.writeSpec', { id: 'T-1', body: SPEC }));
    must(await client.call('agents.sling', { taskId: 'T-1', name: 'sleeper' }));
    const resting = (turns: number) =>
      topicUntil(
        client,
        'agents',
        ({ byId: { sleeper } }) =>
          sleeper?.state === 'between_turns' &&
          sleeper.turn === null &&
          sleeper.turnCount >= turns &&
          sleeper.unreadMail === 0,
      );
    await resting(1);
    const { client: host } = await project.host();
    let lastPid: number | null = null;
    let onStart: (at: number) => void = () => {};
    host.subscribe('terminals', ({ byId }) => {
      const terminal = byId['agent:sleeper'];
      if (terminal?.running !== true || terminal.pid === lastPid) return;
      lastPid = terminal.pid;
      onStart(now());
    });
    const ours: number[] = [];
    const plain: number[] = [];
    const rounds = context.pick(40, 6);
    for (let round = 0; round < rounds + 1; round += 1) {
      await sleep(20 + Math.random() * 60);
      const started = now();
      const running = new Promise<number>((resolve) => {
        onStart = resolve;
      });
      must(await client.call('mail.send', { to: 'sleeper', subject: `Mail ${round}`, body: 'Look.' }));
      const took = (await running) - started;
      await resting(round + 2);
      const began = now();
      const child = spawn('/bin/true', { stdio: 'ignore' });
      await once(child, 'spawn');
      // The first turn by mail loads what later ones find loaded.
      if (round === 0) continue;
      plain.push(now() - began);
      ours.push(took);
    }
    return [
      row({
        name: 'mail -> turn process runs, p50',
        ours: median(ours),
        reference: median(plain),
        unit: 'ms',
        note: `ref: a bare spawn of /bin/true; overstory 889 ms; ${rounds} turns`,
      }),
      row({
        name: 'mail -> turn process runs, p99',
        ours: p99(ours),
        reference: p99(plain),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: 50 },
        note: `overstory 1934 ms; worst ${worst(ours).toFixed(0)} ms`,
      }),
    ];
  },
};
