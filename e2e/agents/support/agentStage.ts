import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { stringify } from 'yaml';
import type { AgentView } from '../../../contract/agents.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { initProject } from '../../../main/core/config/init.ts';
import { connectToLiveEngine } from '../../../main/core/lease/engineClient.ts';
import { systemClock } from '../../../main/platform/clock.ts';
import { type EngineProcess, startEngine } from '../../support/engineProcess.ts';
import { createRepository, type Repository } from '../../support/repository.ts';
import { type ScriptedModel, startScriptedModel } from './scriptedModel.ts';

/** A repository whose agents are a real CLI that talks to a scripted model. */
export interface AgentStage {
  readonly repository: Repository;
  readonly model: ScriptedModel;
  readonly room: RoomClient;
  /** The isolated home folder of the CLI. */
  readonly home: string;
  agent(name: string): Promise<AgentView>;
  /** Waits until the agent's view matches. */
  until(name: string, matches: (agent: AgentView) => boolean, what: string): Promise<AgentView>;
  sling(name: string, ...flags: string[]): Promise<void>;
  mail(to: string, subject: string): Promise<void>;
}

const KEY = 'dummy';

/** Makes the stage before the tests of a file and clears it away after them. */
export function useAgentStage(
  runtime: 'claude' | 'codex',
  settings: (modelUrl: string) => Readonly<Record<string, unknown>> = () => ({}),
): AgentStage {
  let repository: Repository;
  let model: ScriptedModel;
  let engine: EngineProcess;
  let room: RoomClient;
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'ocr-agents-'));
    model = await startScriptedModel();
    repository = await createRepository({ initialised: false });
    const prepared = await initProject(repository.root, { clock: systemClock, runtime });
    if (!prepared.ok) throw new Error(prepared.error.message);
    await writeFile(
      join(repository.root, '.overstory', 'config.local.yaml'),
      stringify({
        agents: { staggerDelayMs: 0 },
        ...(runtime === 'codex' ? { models: { builder: 'gpt-5.5' } } : {}),
        controlRoom: { environment: { codex: ['SCRIPTED_KEY'] } },
        ...settings(model.url),
      }),
    );
    Object.assign(process.env, await prepareHome(home, repository.root, model.url));
    engine = await startEngine(repository.root);
    const client = await connectToLiveEngine(repository.root);
    if (!client.ok) throw new Error(client.error.message);
    if (client.value === null) throw new Error('the engine is gone');
    room = client.value;
  });
  afterAll(async () => {
    room?.close();
    await engine?.stop();
    await repository?.remove();
    await model?.close();
    if (home !== undefined) await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  const agent = async (name: string): Promise<AgentView> => {
    const { agents } = await repository.ov<{ agents: AgentView[] }>('status', '--all');
    const found = agents.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no agent ${name}`);
    return found;
  };
  return {
    get repository() {
      return repository;
    },
    get model() {
      return model;
    },
    get room() {
      return room;
    },
    get home() {
      return home;
    },
    agent,
    async until(name, matches, what) {
      let last: AgentView | undefined;
      await expect
        .poll(
          async () => {
            last = await agent(name);
            return matches(last)
              ? what
              : `${last.status}, turn ${last.turnCount}, ${last.reason ?? ''} ${last.hold?.reason ?? ''}`;
          },
          { timeout: 60_000, interval: 200 },
        )
        .toBe(what);
      return last ?? agent(name);
    },
    async sling(name, ...flags) {
      await repository.ov('spec', 'write', `task-${name}`, '--body', `# ${name}\n\nDo as the model says.\n`);
      await repository.ov('sling', `task-${name}`, '--name', name, ...flags);
    },
    async mail(to, subject) {
      await repository.ov('mail', 'send', '--to', to, '--subject', subject, '--body', 'Go on.');
    },
  };
}

/** State of both CLIs in a home of their own: no account, no first-run questions, the scripted model (real-agents.md §6, §7). */
async function prepareHome(home: string, project: string, url: string): Promise<Record<string, string>> {
  const claude = join(home, 'claude');
  const codex = join(home, 'codex');
  await mkdir(claude);
  await mkdir(codex);
  await writeFile(
    join(claude, '.claude.json'),
    JSON.stringify({
      hasCompletedOnboarding: true,
      customApiKeyResponses: { approved: [KEY], rejected: [] },
      projects: { [project]: { hasTrustDialogAccepted: true } },
    }),
  );
  await writeFile(join(claude, 'settings.json'), JSON.stringify({ skipDangerousModePermissionPrompt: true }));
  await writeFile(
    join(codex, 'config.toml'),
    `model = "gpt-5.5"
model_provider = "scripted"

[model_providers.scripted]
name = "scripted"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"

[projects."${project}"]
trust_level = "trusted"

[features]
daemon_auto_start = false
`,
  );
  return {
    HOME: home,
    CLAUDE_CONFIG_DIR: claude,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: KEY,
    CODEX_HOME: codex,
    SCRIPTED_KEY: KEY,
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
}
