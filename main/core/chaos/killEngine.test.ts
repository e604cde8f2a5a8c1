import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSessions } from '../sessions/sessionStore.ts';
import { type ChaosProject, createChaosProject, randomFrom, specOf, until } from './chaosProject.ts';
import { verifyMail, verifyTurns } from './verifyRun.ts';

/** Kill points of the whole test (issue "Foundation": 50). */
const KILLS = 50;
/** Set to repeat a run; else every run is another one. */
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

let project: ChaosProject;
beforeEach(async () => {
  project = await createChaosProject();
});
afterEach(() => project.dispose());

/** A lead with three builders: chatter, floods, broken lines, a crash, a failure, questions, mails, merges. */
const SPECS: Readonly<Record<string, string>> = {
  lead: `start:
  - say: Three builders.
  - sling: { task: W-chat, name: W-chat }
  - sling: { task: W-flood, name: W-flood }
  - sling: { task: W-rough, name: W-rough }
on:
  - type: status
    steps:
      - append: { path: W-inbox.txt, content: "{{mail.subject}}\\n" }
  - type: decision_gate
    steps:
      - reply: "left for {{mail.subject}}"
  - type: worker_done
    steps:
      - merge: { branch: "{{payload.branch}}", expect: ok }
      - append: { path: W-inbox.txt, content: "{{mail.from}} is in\\n" }
      - count: merged
      - when: { counter: merged, equals: 3, do: [{ commit: Inbox of W }, { taskDone: All are in. }] }`,
  chat: `start:
  - run: for i in $(seq 1 200); do echo chatter $i; done
${Array.from({ length: 100 }, (_, n) => `  - say: line ${n} of the chatter`).join('\n')}
  - mail: { to: parent, subject: W chat 1, body: one }
  - sleep: 150
  - mail: { to: parent, subject: W chat 2, body: two }
  - append: { path: W-chat.txt, content: "before\\n" }
  - ask: { to: parent, subject: W gate, question: Left or right?, options: [left, right] }
  - append: { path: W-chat.txt, content: "{{answer}}\\n" }
  - commit: Chat of W
  - taskDone: chatted`,
  flood: `start:
  - append: { path: W-flood.txt, content: "one\\n" }
  - flood: { megabytes: 1, to: log }
  - commit: Half of W
  - crash: { signal: SIGKILL }
  - flood: { megabytes: 1, to: log, oneLine: true }
  - flood: { megabytes: 1, to: terminal }
  - append: { path: W-flood.txt, content: "two\\n" }
  - commit: Flood of W
  - taskDone: flooded`,
  rough: `start:
  - broken: '{"type":"assistant","mess'
  - mail: { to: parent, subject: W rough 1, body: "ünïcødé 🙂 \\n lines" }
  - broken: 'no json at all'
  - fail: "pretended overload"
  - broken: '{"type":42}'
  - write: { path: W-rough.txt, content: "rough\\n" }
  - mail: { to: parent, subject: W rough 2, body: two }
  - sleep: 200
  - commit: Rough of W
  - taskDone: rough`,
};

async function startWave(wave: string): Promise<void> {
  for (const [role, yaml] of Object.entries(SPECS)) {
    const body = specOf(yaml.replaceAll('W', wave));
    await writeFile(join(project.root, '.overstory', 'specs', `${wave}-${role}.md`), body);
  }
  const slung = await project.ov(['sling', `${wave}-lead`, '--capability', 'lead', '--name', `${wave}-lead`, '--json']);
  expect(`${slung.code} ${slung.stderr} ${slung.stdout}`, 'the lead is slung, whatever happens to the engine').toMatch(
    /^0 [^{]*\{"success":true/,
  );
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself: another engine, started by a command, held the project.
  }
}

describe('an engine that is killed again and again', () => {
  it(`loses nothing and does nothing twice over ${KILLS} kills (seed ${SEED})`, async () => {
    const random = randomFrom(SEED);
    const opened = openSessions(join(project.root, '.overstory', 'sessions.db'));
    if (!opened.ok) throw new Error(opened.error.message);
    const sessions = opened.value;
    const waves: string[] = [];
    const isDone = (wave: string): boolean => sessions.getByName(`${wave}-lead`)?.state === 'completed';
    let kills = 0;
    const begun = Date.now();
    while (kills < KILLS) {
      const wave = `w${waves.length + 1}`;
      waves.push(wave);
      const started = startWave(wave);
      started.catch(() => {}); // Told when it is awaited.
      while (kills < KILLS && !isDone(wave)) {
        // Some kills hit an engine that has not come up, some one that recovers, most one at work.
        if (random() < 0.2) {
          const pid = await project.spawnEngine();
          await delay(100 + random() * 700);
          killIfThere(pid);
        } else {
          await project.startEngine();
          await delay(random() * (random() < 0.3 ? 60 : 1_500));
        }
        await project.killEngine();
        kills += 1;
      }
      if (kills >= KILLS) await project.startEngine();
      await started;
    }
    await project.startEngine();
    await until(async () => waves.every(isDone), 'not all waves got done').catch(async (error: unknown) => {
      const states = sessions.getAll().map((session) => `${session.agentName} ${session.state}`);
      const log = await readFile(join(project.root, '.overstory', 'logs', 'engine.log'), 'utf8');
      throw new Error(`${String(error)}; seed ${SEED}; ${states.join(', ')}\n${log.split('\n').slice(-40).join('\n')}`);
    });
    const client = await project.client();
    const ended = Date.now();

    const figures = await verifyTurns(project.root);
    const mails = verifyMail(
      project.root,
      waves.flatMap((wave) => ['chat 1', 'chat 2', 'gate', 'rough 1', 'rough 2'].map((rest) => `${wave} ${rest}`)),
    );
    for (const wave of waves) {
      const show = (path: string): Promise<string> => project.git('show', `main:${path}`);
      expect(await show(`${wave}-chat.txt`)).toBe(`before\nleft for ${wave} gate\n`);
      expect(await show(`${wave}-flood.txt`)).toBe('one\ntwo\n');
      expect(await show(`${wave}-rough.txt`)).toBe('rough\n');
      const inbox = await project.git('show', `overstory/${wave}-lead/${wave}-lead:${wave}-inbox.txt`);
      expect(inbox.trim().split('\n').sort()).toEqual(
        [
          `${wave} chat 1`,
          `${wave} chat 2`,
          `${wave} rough 1`,
          `${wave} rough 2`,
          `${wave}-chat is in`,
          `${wave}-flood is in`,
          `${wave}-rough is in`,
        ].sort(),
      );
    }
    const merges = (await project.git('log', '--merges', '--format=%s', 'main')).trim().split('\n');
    expect(new Set(merges).size, 'each branch merged once').toBe(merges.length);
    expect((await client.snapshot('agents')).ok).toBe(true);
    process.stdout.write(
      `chaos: seed ${SEED}, ${kills} kills, ${waves.length} waves, ${JSON.stringify({ ...figures, mails })}, ${Math.round((ended - begun) / 1000)} s\n`,
    );
    sessions.close();
  }, 900_000);
});
