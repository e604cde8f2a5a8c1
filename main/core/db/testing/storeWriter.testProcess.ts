// A process of its own for the tests of the stores: one job a run, named by the first argument.
import { timestamp } from '../../../platform/clock.ts';
import { openControl } from '../../control/controlStore.ts';
import { openMail } from '../../mail/mailStore.ts';
import { openMergeQueue } from '../../merge/mergeQueueStore.ts';
import { openSessions } from '../../sessions/sessionStore.ts';
import { testSession } from '../../sessions/testSession.ts';
import { openTurns } from '../../turns/turnStore.ts';
import { must } from './folder.ts';

const [job = '', path = '', name = '', count = '0'] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Waits for the parent's line feed, so that all processes of a test start their work together. */
async function starter(): Promise<void> {
  say('ready');
  for await (const _chunk of process.stdin) break;
}

const JOBS: Readonly<Record<string, () => Promise<void>>> = {
  /** Opens a file that may not exist yet and sends `count` mails, opening anew for each, as `ov mail send` does. */
  async send() {
    await starter();
    for (let index = 0; index < Number(count); index += 1) {
      const mail = must(openMail(path));
      must(mail.insert({ from: name, to: 'inbox', subject: `${name} ${index}`, body: 'b' }));
      mail.close();
    }
  },
  /** Claims until nothing is left, and says what it got. */
  async claim() {
    const mail = must(openMail(path));
    await starter();
    for (let turn = 0; turn < Number(count); turn += 1) {
      for (const message of mail.claimForTurn('inbox', `${name}-${turn}`, Date.now())) say(`got ${message.id}`);
    }
    mail.close();
  },
  async check() {
    const mail = must(openMail(path));
    await starter();
    for (let round = 0; round < Number(count); round += 1) {
      for (const message of mail.claimByCheck('inbox')) say(`got ${message.id}`);
    }
    mail.close();
  },
  async dequeue() {
    const queue = must(openMergeQueue(path));
    await starter();
    for (let entry = queue.dequeue(); entry !== null; entry = queue.dequeue()) say(`got ${entry.id}`);
    queue.close();
  },
  async reserve() {
    const sessions = must(openSessions(path));
    await starter();
    const reserved = sessions.reserve(testSession('builder-1', { id: `session-${name}` }), (current) =>
      current.some((session) => session.agentName === 'builder-1')
        ? { tag: 'conflict', message: 'builder-1 works already' }
        : null,
    );
    say(reserved.ok ? `got ${name}` : `refused ${reserved.error.tag}`);
    sessions.close();
  },
  async lease() {
    const control = must(openControl(path));
    await starter();
    const claimed = control.claimLease({ pid: process.pid, startTime: null, instanceId: name }, () => true);
    say(claimed.ok ? `got ${name}` : `refused ${claimed.error.tag}`);
    control.close();
  },
  /** Opens a file it may not write; root may write everything, so it first becomes nobody. */
  async forbidden() {
    if (process.getuid?.() === 0) {
      process.setgid?.(65_534);
      process.setuid?.(65_534);
    }
    const opened = openMail(path);
    say(opened.ok ? 'opened' : `refused ${opened.error.tag} ${opened.error.message}`);
    const reader = openMail(path, { readOnly: true });
    say(reader.ok ? `reads ${reader.value.getAll().length}` : `reads not: ${reader.error.message}`);
  },
  /** Writes stretches of a log until it is killed: ten events, ten lines and the offset at a time. */
  async turn() {
    const turns = must(openTurns(path));
    must(
      turns.start({
        turnId: name,
        agentName: name,
        sessionId: 's',
        runId: null,
        prompt: '',
        logDirectory: '/l',
        startedAt: timestamp(Date.now()),
        resumeId: null,
        model: null,
      }),
    );
    say('writing');
    for (let stretch = 0; ; stretch += 1) {
      const from = stretch * 100;
      const lines = Array.from({ length: 10 }, (_, index) => ({
        offset: from + index * 10,
        length: 10,
        events: [{ agentName: name, eventType: 'progress' as const, data: 'x'.repeat(2_000) }],
      }));
      must(turns.commitLines(name, from, from + 100, lines));
      if (stretch === 20) say('busy');
    }
  },
};

const run = JOBS[job];
if (run === undefined) throw new Error(`no job ${job}`);
await run();
