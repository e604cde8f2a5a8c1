/**
 * `npm run try:sandbox`: an agent's turn inside a real bubblewrap. Opt-in, because it needs Linux, the package "bubblewrap"
 * and namespaces, which a container or a build machine may not give; the launch plan itself is a unit test.
 */
import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tryBubblewrap } from '../main/core/sandbox/sandbox.ts';
import { createTestProject, topicUntil } from '../main/core/testEngine.ts';
import { requireNodeApi } from '../main/platform/nodeApiGuard.ts';

requireNodeApi('try:sandbox');
const trouble = await tryBubblewrap(process.env);
if (trouble !== null) {
  process.stderr.write(`cannot be tried here: ${trouble}\n`);
  process.exit(1);
}

const settings = 'controlRoom:\n  sandbox: require\n  sandboxOffline: [scout]\n  maxTurnAttempts: 1\n';
const project = await createTestProject({ 'README.md': '# sample\n' }, settings);
const outside = join(project.root, 'outside.txt');
/** What each line of the script must do; the agent fails at the first that does not. */
const script = `
start:
  - write: { path: inside.txt, content: "written inside\\n" }
  - commit: from inside
  - run: { command: "echo x > '${outside}'", expect: fail }
  - run: { command: "echo x > '${project.root}/.git/config'", expect: fail }
  - run: { command: "echo x > '${project.root}/.git/refs/heads/main'", expect: fail }
  - run: { command: "echo x > /usr/outside", expect: fail }
  - run: { command: "echo x > .git", expect: fail }
  - run: { command: "echo x > '${project.root}/.overstory/agents/ann/guard.json'", expect: fail }
  - run: { command: "git branch other", expect: fail }
  - run: "test -z \\"$(ls -A /tmp | grep -v '^${project.root.split('/')[2] ?? 'none'}$')\\""
  - run: "echo y > /tmp/private && test -s /tmp/private"
  - run: "git switch -q -c overstory/ann/try && git commit -q --allow-empty -m more"
  - mail: { to: operator, subject: hello, body: from inside }
  - say: ready for an interrupt
  - hang:
`;
let failed = false;
try {
  const { client } = await project.start();
  const fence = '```';
  await client.call('tasks.writeSpec', { id: 'T-1', body: `# Trial\n\n${fence}rehearsal\n${script}\n${fence}\n` });
  const slung = await client.call('agents.sling', { taskId: 'T-1', name: 'ann' });
  assert.ok(slung.ok, JSON.stringify(slung));
  const { byId } = await topicUntil(
    client,
    'agents',
    (state) => state.byId.ann?.activity === 'ready for an interrupt' || state.byId.ann?.state === 'zombie',
  );
  assert.equal(byId.ann?.activity, 'ready for an interrupt', byId.ann?.reason ?? '');
  process.stdout.write('● wrote, committed and mailed inside; every write outside was refused\n');
  await client.call('agents.takeOver', { agentName: 'ann' });
  await topicUntil(client, 'agents', ({ byId }) => byId.ann?.hold?.kind === 'takenOver' && byId.ann.turn === null);
  const page = await client.call('timeline.page', { agent: 'ann' });
  const ends = page.ok ? page.value.items.filter((item) => item.kind === 'turnEnd').map((item) => item.summary) : [];
  assert.deepEqual(ends, ['turn 1 ended: taken over by the operator']);
  process.stdout.write('● an interrupt reached the agent through bubblewrap\n');
  const log = await project.git('log', '--format=%s', 'overstory/ann/try');
  assert.match(log, /^more\nfrom inside/);
  process.stdout.write('● its commits are in the repository, and nothing else of the project changed\n');
  await assert.rejects(access(outside));
  assert.match(await readFile(join(project.root, '.git/config'), 'utf8'), /\[core\]/);
} catch (error) {
  failed = true;
  process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  await project.dispose();
}
process.exitCode = failed ? 1 : 0;
