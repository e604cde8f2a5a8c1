import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RoomClient } from '../../contract/room.ts';
import { connectToLiveEngine } from '../../main/core/lease/engineClient.ts';
import { findLiveEngine } from '../../main/core/lease/engineInfo.ts';
import { findPtyHost } from '../../main/pty-host/client.ts';
import { type ElectronFace, launchElectron } from '../support/electronFace.ts';
import { isRunning, processTree, signal } from '../support/processes.ts';
import { createRepository, type Repository } from '../support/repository.ts';
import { seeState, terminalOf, treeItem } from '../support/screen.ts';

/** What the agent says, one line every `SAY_MS` milliseconds: long enough to be killed in the middle. */
const LINES = 120;
const SAY_MS = 60;

describe('a desktop killed in the middle of a turn', () => {
  let repository: Repository;
  let userData: string;
  let desktop: ElectronFace | undefined;
  beforeAll(async () => {
    repository = await createRepository();
    userData = await mkdtemp(join(tmpdir(), 'ocr-desktop-'));
  });
  afterAll(async () => {
    await desktop?.close();
    await repository?.remove();
    await rm(userData, { recursive: true, force: true });
  });

  test('leaves its agent alive and writing, and shows at its next start all that was printed meanwhile', async () => {
    const first = await launchElectron({ project: repository.root, userData });
    await first.page.getByText('connection online').waitFor();
    const lines = Array.from({ length: LINES }, (_none, index) => `Line ${index + 1}.`);
    await repository.sling('talker', {
      start: [...lines.flatMap((line) => [{ say: line }, { sleep: SAY_MS }]), { taskDone: 'Said it all.' }],
    });
    await seeState(first.page, 'talker', 'in turn');
    const agent = await agentProcess(repository.root);
    const log = await turnLog(repository.root, 'talker');
    await expect.poll(async () => (await readFile(log, 'utf8')).includes('Line 10.')).toBe(true);

    // An engine that runs inside the desktop dies with it; one beside it is killed as well, so that both are the same test.
    const engine = await findLiveEngine(repository.root);
    const app = first.app.process().pid ?? 0;
    expect(signal(app, 'SIGKILL')).toBe(true);
    if (engine !== null && engine.pid !== app) signal(engine.pid, 'SIGKILL');
    await expect.poll(() => isRunning(app)).toBe(false);
    expect(await isRunning(agent)).toBe(true);
    await expect.poll(() => findLiveEngine(repository.root)).toBeNull();
    const { size } = await stat(log);
    await expect.poll(async () => (await stat(log)).size).toBeGreaterThan(size);
    await expect.poll(async () => (await readFile(log, 'utf8')).includes('Line 60.')).toBe(true);
    expect(await isRunning(agent)).toBe(true);

    const restarted = await launchElectron({ project: repository.root, userData });
    desktop = restarted;
    await seeState(restarted.page, 'talker', 'done');
    const shown = await terminalText(repository.root, 'agent:talker');
    const said = [...shown.matchAll(/Line (\d+)\./g)].map((match) => Number(match[1]));
    expect(said).toEqual(lines.map((_line, index) => index + 1));
    // The same for a person: the end of it is in sight, and what came before is found by search.
    await treeItem(restarted.page, 'talker').dblclick();
    await expect.poll(() => terminalOf(restarted.page, 'talker').innerText()).toContain(`Line ${LINES}.`);
    await terminalOf(restarted.page, 'talker').click();
    await restarted.page.keyboard.press('ControlOrMeta+f');
    await restarted.page.getByRole('textbox', { name: 'Search in the terminal' }).fill('Line 61.');
    await restarted.page.getByText(/^1 of 1$/).waitFor();
  });
});

/** The rehearsal agent's process: under the pty host, running the rehearsal. */
async function agentProcess(root: string): Promise<number> {
  const host = await findPtyHost(root);
  if (host === null) throw new Error('no pty host runs');
  for (const pid of await processTree(host.pid)) {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    if (/rehearsal\S*\.[jt]s\b|rehearsal\/index/.test(command) && !command.startsWith('/bin/sh')) return pid;
  }
  throw new Error('no rehearsal agent runs under the pty host');
}

async function turnLog(root: string, agent: string): Promise<string> {
  const folder = join(root, '.overstory', 'logs', agent);
  const [turn] = await readdir(folder);
  return join(folder, turn ?? '', 'stdout.ndjson');
}

/** What a terminal shows to whoever attaches now, without escape sequences. */
async function terminalText(root: string, terminalId: string): Promise<string> {
  const connected = await connectToLiveEngine(root);
  if (!connected.ok || connected.value === null) throw new Error('no engine answers');
  const client: RoomClient = connected.value;
  const attached = await client.call('terminals.attach', { terminalId, size: { cols: 120, rows: 40 } });
  if (!attached.ok) throw new Error(attached.error.message);
  client.close();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
  return (attached.value.snapshot ?? '').replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
}
