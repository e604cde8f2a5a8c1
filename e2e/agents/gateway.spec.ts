import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useAgentStage } from './support/agentStage.ts';
import { done } from './support/deeds.ts';
import { say, shell } from './support/scriptedModel.ts';
import { claude, codex } from './support/stagedRuntimes.ts';

/** What the engine's own environment holds and no agent may see, and what one is allowed by name. */
const SECRETS = { GITHUB_TOKEN: 'gh-secret', AWS_SECRET_ACCESS_KEY: 'aws-secret', NAMED_TOKEN: 'named' } as const;

describe.each([claude, codex])('a gateway in front of $name', (runtime) => {
  beforeAll(() => void Object.assign(process.env, SECRETS, { GATE_TOKEN: 'gate-token' }));
  afterAll(() => {
    for (const name of [...Object.keys(SECRETS), 'GATE_TOKEN']) delete process.env[name];
  });
  const stage = useAgentStage(runtime, (url) => ({
    models: { builder: 'gate/gpt-5.5' },
    providers: {
      gate: { type: 'gateway', baseUrl: runtime === codex ? `${url}/v1` : url, authTokenEnv: 'GATE_TOKEN' },
    },
    controlRoom: { environment: { [runtime.name]: ['SCRIPTED_KEY'], builder: ['NAMED_TOKEN'] } },
  }));

  test('gets the role its model and its token, and the agent no other secret', async () => {
    const { model, repository } = stage;
    model.script(shell('env > environment.txt'), done('ada'), say('Finished.'));
    await stage.sling('ada');
    await stage.until('ada', (agent) => agent.status === 'done', 'done');
    expect(model.asked[0]?.model).toBe('gpt-5.5');
    expect(model.asked[0]?.authorization).toBe('Bearer gate-token');
    const seen = await readFile(join(repository.root, '.overstory', 'worktrees', 'ada', 'environment.txt'), 'utf8');
    expect(seen).toContain('NAMED_TOKEN=named');
    expect(seen).toContain('OVERSTORY_AGENT_NAME=ada');
    expect(seen).not.toMatch(/gh-secret|aws-secret/);
  });
});
