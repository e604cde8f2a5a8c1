import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { trustQuestion } from './trust.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trust-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const claude = (): Promise<string | null> => trustQuestion('claude', '/home/me/project', { CLAUDE_CONFIG_DIR: folder });
const codex = (): Promise<string | null> => trustQuestion('codex', '/home/me/project', { CODEX_HOME: folder });

describe('what a runtime asks about trust', () => {
  it.each([
    ['without any settings', null, true],
    ['without the project', '{"projects":{"/home/me/other":{"hasTrustDialogAccepted":true}}}', true],
    ['with a project that was refused', '{"projects":{"/home/me/project":{"hasTrustDialogAccepted":false}}}', true],
    ['with broken settings', '{', true],
    ['with settings of another shape', '{"projects":null}', true],
    ['with the project trusted', '{"projects":{"/home/me/project":{"hasTrustDialogAccepted":true}}}', false],
    ['with a folder above it trusted', '{"projects":{"/home/me":{"hasTrustDialogAccepted":true}}}', false],
    ['with a folder of a like name', '{"projects":{"/home/me/proj":{"hasTrustDialogAccepted":true}}}', true],
  ])('claude %s', async (_, text, asks) => {
    if (text !== null) await writeFile(join(folder, '.claude.json'), text);
    expect((await claude())?.startsWith('claude asks once') ?? false).toBe(asks);
  });

  it.each([
    ['without any settings', '', true],
    ['with the project trusted', '[projects."/home/me/project"]\ntrust_level = "trusted"\n', false],
    ['with it trusted in single quotes', "[projects.'/home/me/project']\ntrust_level = 'trusted'\n", false],
    ['with it not trusted', '[projects."/home/me/project"]\ntrust_level = "untrusted"\n', true],
    ['with another one trusted', '[projects."/home/me/project"]\n[projects."/x"]\ntrust_level = "trusted"\n', true],
  ])('codex %s', async (_, text, asks) => {
    await writeFile(join(folder, 'config.toml'), text);
    expect((await codex())?.startsWith('codex asks once') ?? false).toBe(asks);
  });

  it('others ask nothing that is known of', async () => {
    for (const name of ['rehearsal', 'aider', 'constructor'])
      expect(await trustQuestion(name, '/home/me/project', {})).toBeNull();
  });
});
