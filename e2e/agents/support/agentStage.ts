import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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
import type { StagedRuntime } from './stagedRuntimes.ts';

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

/** Makes the stage before the tests of a file and clears it away after them. */
export function useAgentStage(
  runtime: StagedRuntime,
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
    const prepared = await initProject(repository.root, { clock: systemClock, runtime: runtime.name });
    if (!prepared.ok) throw new Error(prepared.error.message);
    await writeFile(
      join(repository.root, '.overstory', 'config.local.yaml'),
      stringify({
        agents: { staggerDelayMs: 0 },
        ...runtime.config,
        ...settings(model.url),
      }),
    );
    const own = await runtime.prepare({ home, project: repository.root, url: model.url });
    Object.assign(process.env, { HOME: home, GIT_CONFIG_GLOBAL: '/dev/null', ...own });
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
          { timeout: 120_000, interval: 200 },
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
