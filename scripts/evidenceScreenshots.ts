/**
 * `npm run screenshots:why`: four rehearsals act a healthy, a stalled, a waiting and a looping agent under a watchdog of
 * short times, and the inspector's evidence of each is photographed, dark and light, into docs/screenshots.
 */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerdictKind } from '../contract/evidence.ts';
import type { RoomClient } from '../contract/room.ts';
import { fleetRow } from '../e2e/support/screen.ts';
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';
import { type PhotoRoom, withPhotoRoom } from './lib/photoRoom.ts';
import { stop } from './lib/run.ts';

const SIZE = { width: 1280, height: 800 } as const;
/** Milliseconds a verdict may take to come. */
const VERDICT_MS = 90_000;

/** Stale after 20 s instead of 5 min, looked at every second: a picture is not to take ten minutes. */
const SETTINGS = `watchdog:
  tier0IntervalMs: 1000
  staleThresholdMs: 20000
  nudgeIntervalMs: 60000
controlRoom:
  watchdog:
    loopRounds: 5
    loopMinimumMs: 4000
`;

interface Part {
  readonly agent: string;
  readonly verdict: VerdictKind;
  readonly task: string;
  readonly title: string;
  readonly capability: 'builder' | 'lead';
  readonly script: readonly string[];
}

const rounds = (count: number, line: (round: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, round) => line(round));

/** Who plays what. */
const PARTS: readonly Part[] = [
  {
    agent: 'csv-writer',
    verdict: 'healthy',
    task: 'OV-31',
    title: 'CSV export with quoted fields',
    capability: 'builder',
    script: rounds(
      60,
      (round) =>
        `  - write: { path: src/export/part${round}.ts, content: "export const part = ${round};\\n" }\n  - think: 1500`,
    ),
  },
  {
    agent: 'tax-rounding',
    verdict: 'stalled',
    task: 'OV-32',
    title: 'Round half even',
    capability: 'builder',
    script: ['  - read: README.md', '  - hang:'],
  },
  {
    agent: 'lead-import',
    verdict: 'waiting',
    task: 'OV-33',
    title: 'Import of invoices',
    capability: 'lead',
    script: ['  - say: Two parts, one builder each.', '  - sling: { task: OV-35, name: import-parser }'],
  },
  {
    agent: 'pdf-layout',
    verdict: 'looping',
    task: 'OV-34',
    title: 'PDF layout',
    capability: 'builder',
    script: rounds(
      60,
      () => '  - run: { command: "echo 3 tests failed in layout.test.ts; exit 1", expect: any }\n  - think: 700',
    ),
  },
];

const say = (line: string): void => void process.stdout.write(`${line}\n`);

requireNodeApi('screenshots:why');
process.env.NODE_ENV ??= 'production';
try {
  const prepare = (project: string) => appendFile(join(project, '.overstory/config.local.yaml'), SETTINGS);
  await withPhotoRoom({ say, size: SIZE, pace: '1', patienceMs: VERDICT_MS, prepare }, async (room) => {
    for (const part of PARTS) await play(room.client, part);
    for (const part of PARTS) {
      await judged(room.client, part);
      await photograph(room, part);
    }
  });
} catch (error) {
  stop('screenshots:why', error);
}

async function play(client: RoomClient, part: Part): Promise<void> {
  const must = (result: { readonly ok: boolean; readonly error?: { readonly message: string } }): void => {
    if (!result.ok) throw new Error(result.error?.message);
  };
  must(
    await client.call('tasks.create', { id: part.task, title: part.title, files: [], priority: 2, column: 'ready' }),
  );
  // The lead's builder works as long as the pictures take.
  if (part.capability === 'lead')
    must(await client.call('tasks.writeSpec', { id: 'OV-35', body: specOf(rounds(90, () => '  - think: 1000')) }));
  must(await client.call('tasks.writeSpec', { id: part.task, body: specOf(part.script) }));
  must(await client.call('agents.sling', { taskId: part.task, name: part.agent, capability: part.capability }));
}

function specOf(steps: readonly string[]): string {
  return `# Task\n\n\`\`\`rehearsal\nstart:\n${steps.join('\n')}\n\`\`\`\n`;
}

/** Waits until the watchdog says of an agent what its part is about. */
function judged(client: RoomClient, part: Part): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${part.agent} was never ${part.verdict}`)), VERDICT_MS);
    const end = client.subscribe('evidence', ({ byId }) => {
      const evidence = byId[part.agent];
      if (evidence?.verdict !== part.verdict) return;
      // The healthy one is to show more than that its turn began.
      const { process: tree, terminal, events, git } = evidence.signals;
      const all =
        [tree, terminal, events, git].every(({ state }) => state === 'fresh') && git.detail.startsWith('file');
      if (part.verdict === 'healthy' && !all) return;
      clearTimeout(timer);
      // Not from within the callback of the very subscription that is being made.
      setImmediate(() => end());
      resolve();
    });
  });
}

async function photograph({ page, take }: PhotoRoom, part: Part): Promise<void> {
  await fleetRow(page, part.agent).click();
  await page.getByRole('region', { name: 'Evidence' }).getByText(part.verdict, { exact: true }).waitFor();
  await take(`why-${part.verdict}`, SIZE);
}
