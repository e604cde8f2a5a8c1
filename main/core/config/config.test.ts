import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './loadConfig.ts';
import type { Config } from './schema.ts';
import { defaultConfig } from './schema.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'config-'));
  await mkdir(join(root, '.overstory'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function load(base: string | null, local: string | null = null) {
  if (base !== null) await writeFile(join(root, '.overstory/config.yaml'), base);
  if (local !== null) await writeFile(join(root, '.overstory/config.local.yaml'), local);
  return loadConfig(root);
}

async function config(base: string | null, local: string | null = null): Promise<Config> {
  const loaded = await load(base, local);
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value.config;
}

async function refusal(base: string | null, local: string | null = null): Promise<string> {
  const loaded = await load(base, local);
  if (loaded.ok) throw new Error('expected a refusal');
  expect(loaded.error.tag).toBe('config');
  expect(loaded.error.message).not.toContain('\n');
  return loaded.error.message;
}

async function warnings(base: string | null, local: string | null = null): Promise<readonly string[]> {
  const loaded = await load(base, local);
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value.warnings;
}

describe('merging', () => {
  it('gives the defaults without any file, named after the folder', async () => {
    const loaded = await config(null);
    expect(loaded).toEqual(defaultConfig(root));
    expect(loaded.project.root).toBe(root);
  });

  it('lets the local file win, also without a main file', async () => {
    expect((await config('agents:\n  maxConcurrent: 3\n', 'agents:\n  maxConcurrent: 7\n')).agents.maxConcurrent).toBe(
      7,
    );
    await rm(join(root, '.overstory/config.yaml'));
    expect((await config(null, 'agents:\n  maxDepth: 4\n')).agents.maxDepth).toBe(4);
  });

  it('validates the local file and names it', async () => {
    const message = await refusal('agents:\n  maxConcurrent: 3\n', 'agents:\n  maxConcurrent: 0\n');
    expect(message).toContain('.overstory/config.local.yaml: agents.maxConcurrent is 0, but it must be');
  });

  it('merges sections deeply and replaces lists', async () => {
    const loaded = await config(
      'mulch:\n  domains: [\n    a, b]\n  primeFormat: xml\n',
      'mulch:\n  domains:\n    - c\n',
    );
    expect(loaded.mulch).toEqual({ enabled: true, domains: ['c'], primeFormat: 'xml' });
  });

  it('keeps defaults under an empty section and lets an explicit null overwrite', async () => {
    expect((await config('providers:\n')).providers).toEqual({ anthropic: { type: 'native' } });
    expect((await config('providers: null\n')).providers).toEqual({});
    expect(
      (await config('runtime:\n  printCommand: gemini\n', 'runtime:\n  printCommand: ~\n')).runtime.printCommand,
    ).toBe(undefined);
    expect(await refusal('agents: null\n', '')).toContain('agents is null');
  });

  it('always takes the resolved root', async () => {
    expect((await config('project:\n  root: /somewhere/else\n')).project.root).toBe(root);
  });
});

describe('wake policies of mail', () => {
  const now = { kind: 'now', minutes: null };
  it('are now by default, and read by type, role and agent', async () => {
    expect((await config('')).controlRoom.mail.wake).toEqual({ default: now, types: {}, roles: {}, agents: {} });
    const text = `controlRoom:
  mail:
    wake:
      default: batch
      types: { status: never }
      roles: { monitor: digest 15, lead: { default: digest 5, worker_done: now } }
      agents: { coordinator: now }
`;
    expect((await config(text)).controlRoom.mail.wake).toEqual({
      default: { kind: 'batch', minutes: null },
      types: { status: { kind: 'never', minutes: null } },
      roles: {
        monitor: { any: { kind: 'digest', minutes: 15 }, byType: {} },
        lead: { any: { kind: 'digest', minutes: 5 }, byType: { worker_done: now } },
      },
      agents: { coordinator: { any: now, byType: {} } },
    });
  });
});

describe('budgets', () => {
  const budgets = (lines: string): string => `controlRoom:\n  budgets:\n${lines}`;
  it('has no caps by default and reads those that are set', async () => {
    expect((await config('')).controlRoom.budgets).toEqual({
      softFraction: 0.8,
      agent: {},
      task: {},
      run: {},
      day: {},
    });
    const text = budgets(
      '    softFraction: 0.5\n    agent: { usd: 2.5, turns: 10 }\n    day: { minutes: 480, usd: ~ }\n',
    );
    expect((await config(text)).controlRoom.budgets).toEqual({
      softFraction: 0.5,
      agent: { usd: 2.5, turns: 10 },
      task: {},
      run: {},
      day: { minutes: 480 },
    });
  });

  it.each([
    ['    run: { usd: 0 }\n', 'controlRoom.budgets.run.usd is 0, but it must be a number of US dollars above 0'],
    ['    run: { usd: -1 }\n', 'controlRoom.budgets.run.usd is -1'],
    ['    task: { turns: 2.5 }\n', 'controlRoom.budgets.task.turns is 2.5, but it must be a whole number'],
    ['    day: { minutes: long }\n', 'controlRoom.budgets.day.minutes is "long"'],
    [
      '    softFraction: 1.5\n',
      'controlRoom.budgets.softFraction is 1.5, but it must be a number above 0 and at most 1',
    ],
    ['    run: 5\n', 'controlRoom.budgets.run is 5, but it must be a section'],
  ])('%j is refused with key, value and remedy', async (lines, words) => {
    expect(await refusal(budgets(lines))).toContain(words);
  });
});

describe('parsing', () => {
  it.each([
    ['agents:\n  staggerDelayMs: 30_000\n', (loaded: Config) => loaded.agents.staggerDelayMs, 30_000],
    ['logging:\n  verbose: TRUE\n', (loaded: Config) => loaded.logging.verbose, true],
    ['project:\n  name: yes\n', (loaded: Config) => loaded.project.name, 'yes'],
    ['project:\n  name: "a # b"\n', (loaded: Config) => loaded.project.name, 'a # b'],
    ['project:\n  name: app # the app\n', (loaded: Config) => loaded.project.name, 'app'],
    ['project:\n  name: "say \\"hi\\" \\\\o"\n', (loaded: Config) => loaded.project.name, 'say "hi" \\o'],
    ["project:\n  name: 'it''s'\n", (loaded: Config) => loaded.project.name, "it's"],
    ["project:\n  name: it's # note\n", (loaded: Config) => loaded.project.name, "it's"],
    ['mulch:\n  domains: []\n', (loaded: Config) => loaded.mulch.domains.length, 0],
    ['agents:\n\tmaxDepth: 3\n', (loaded: Config) => loaded.agents.maxDepth, 3],
  ])('reads %j', async (text, pick, expected) => {
    expect(pick(await config(text))).toEqual(expected);
  });

  it('reads quality gates as a list of sections', async () => {
    const loaded = await config(
      'project:\n  qualityGates:\n    - name: Unit\n      command: pytest -q\n      description: green\n',
    );
    expect(loaded.project.qualityGates).toEqual([{ name: 'Unit', command: 'pytest -q', description: 'green' }]);
  });

  it('says in one line where a file is broken', async () => {
    expect(await refusal('project: [unclosed\nagents: 1\n')).toMatch(/config\.yaml is not valid YAML: .*line/);
    expect(await refusal('- just\n- a list\n')).toContain('must hold settings');
    expect(await refusal('agents:\n  maxDepth: 1\n  maxDepth: 2\n')).toContain('unique');
  });

  it('refuses alias expansion instead of eating memory', async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => {
        const below = 'abcdefgh'[index];
        return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${below}`).join(',')}]`;
      })
      .join('\n')}\n`;
    expect(await refusal(bomb)).toContain('not valid YAML');
  });

  it('ignores keys that would reach the machinery of objects', async () => {
    await config('__proto__:\n  polluted: true\nmodels:\n  __proto__: x\n');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('says what is wrong when the file cannot be read', async () => {
    await mkdir(join(root, '.overstory/config.yaml'));
    const loaded = await loadConfig(root);
    expect(loaded.ok ? '' : loaded.error.message).toContain('.overstory/config.yaml cannot be read');
  });
});

describe('validation', () => {
  const interval = (tier1: boolean) =>
    `watchdog:\n  tier0Enabled: true\n  tier1Enabled: ${tier1}\n  tier0IntervalMs: 30000\n  triageTimeoutMs: 30000\n`;
  it.each([
    ['agents:\n  maxConcurrent: 0\n', 'agents.maxConcurrent is 0'],
    ['agents:\n  maxConcurrent: -1\n', 'agents.maxConcurrent is -1'],
    ['agents:\n  maxConcurrent: many\n', 'agents.maxConcurrent is "many"'],
    ['agents:\n  maxDepth: -1\n', 'agents.maxDepth is -1'],
    ['agents:\n  staggerDelayMs: -1\n', 'agents.staggerDelayMs is -1'],
    ['agents:\n  maxSessionsPerRun: -1\n', 'agents.maxSessionsPerRun is -1'],
    ['agents:\n  maxSessionsPerRun: 1.5\n', 'agents.maxSessionsPerRun is 1.5'],
    ['agents:\n  maxAgentsPerLead: -2\n', 'agents.maxAgentsPerLead is -2'],
    ['mulch:\n  primeFormat: html\n', 'mulch.primeFormat is "html", but it must be one of markdown, xml, json'],
    ['taskTracker:\n  backend: jira\n', 'taskTracker.backend is "jira"'],
    ['watchdog:\n  tier0IntervalMs: 0\n', 'watchdog.tier0IntervalMs is 0'],
    ['watchdog:\n  staleThresholdMs: 600000\n', 'watchdog.zombieThresholdMs is 600000'],
    ['watchdog:\n  nudgeIntervalMs: 0\n', 'watchdog.nudgeIntervalMs is 0'],
    ['watchdog:\n  rpcTimeoutMs: 999\n', 'watchdog.rpcTimeoutMs is 999'],
    ['watchdog:\n  rpcTimeoutMs: 30001\n', 'watchdog.rpcTimeoutMs is 30001'],
    ['watchdog:\n  triageTimeoutMs: 4999\n', 'watchdog.triageTimeoutMs is 4999'],
    ['watchdog:\n  triageTimeoutMs: 120001\n', 'watchdog.triageTimeoutMs is 120001'],
    [interval(true), 'must be less than tier0IntervalMs (30000)'],
    ['watchdog:\n  maxEscalationLevel: 0\n', 'watchdog.maxEscalationLevel is 0'],
    ['watchdog:\n  maxEscalationLevel: 6\n', 'watchdog.maxEscalationLevel is 6'],
    ['watchdog:\n  notifyParentOnDeath: maybe\n', 'watchdog.notifyParentOnDeath is "maybe"'],
    ['providers:\n  corp:\n    type: gateway\n    authTokenEnv: T\n', 'providers.corp.baseUrl is empty'],
    ['providers:\n  corp:\n    type: gateway\n    baseUrl: https://x\n', 'providers.corp.authTokenEnv is empty'],
    ['providers:\n  corp:\n    type: proxy\n', 'providers.corp.type is "proxy"'],
    ['models:\n  lead: openrouter/openai/gpt-5\n', 'add providers.openrouter'],
    ['models:\n  lead: gpt-5\n', 'models.lead is "gpt-5"'],
    ['runtime:\n  capabilities:\n    builder: ""\n', 'runtime.capabilities.builder is empty'],
    ['project:\n  name: ""\n', 'project.name is empty'],
    ['project:\n  canonicalBranch: ""\n', 'project.canonicalBranch is empty'],
    ['controlRoom:\n  maxTurnAttempts: 0\n', 'controlRoom.maxTurnAttempts is 0'],
    ['controlRoom:\n  recordings:\n    maxAgeDays: 0\n', 'controlRoom.recordings.maxAgeDays is 0'],
    ['controlRoom:\n  recordings:\n    maxMegabytes: 5\n', 'controlRoom.recordings.maxMegabytes is 5'],
    ['controlRoom:\n  recordings:\n    enabled: perhaps\n', 'controlRoom.recordings.enabled is "perhaps"'],
    ['controlRoom:\n  recordings: all\n', 'controlRoom.recordings is "all"'],
    ['controlRoom:\n  mail: now\n', 'controlRoom.mail is "now"'],
    ['controlRoom:\n  mail:\n    wake: now\n', 'controlRoom.mail.wake is "now"'],
    [
      'controlRoom:\n  mail:\n    wake:\n      default: often\n',
      'controlRoom.mail.wake.default is "often", but it must be now, batch, never, or "digest"',
    ],
    [
      'controlRoom:\n  mail:\n    wake:\n      types: { status: digest }\n',
      'controlRoom.mail.wake.types.status is "digest"',
    ],
    ['controlRoom:\n  mail:\n    wake:\n      types: { news: now }\n', 'controlRoom.mail.wake.types.news is "now"'],
    [
      'controlRoom:\n  mail:\n    wake:\n      roles: { lead: { status: 5 } }\n',
      'controlRoom.mail.wake.roles.lead.status is 5',
    ],
    [
      'project:\n  qualityGates:\n    - name: ""\n      command: a\n      description: b\n',
      'qualityGates[0].name is empty',
    ],
    [
      'project:\n  qualityGates:\n    - name: a\n      command: ""\n      description: b\n',
      'qualityGates[0].command is empty',
    ],
    ['project:\n  qualityGates:\n    - name: a\n      command: b\n', 'qualityGates[0].description is empty'],
  ])('refuses %j with file, key, value and remedy', async (text, fragment) => {
    const message = await refusal(text);
    expect(message).toContain(fragment);
    expect(message.startsWith('.overstory/config.yaml: ')).toBe(true);
  });

  it.each([
    'agents:\n  maxSessionsPerRun: 0\n  maxAgentsPerLead: 0\n  maxDepth: 0\n  staggerDelayMs: 0\n',
    interval(false),
    'watchdog:\n  maxEscalationLevel: 1\n',
    'watchdog:\n  maxEscalationLevel: 5\n',
    'watchdog:\n  rpcTimeoutMs: 1000\n  triageTimeoutMs: 5000\n',
    'watchdog:\n  tier0Enabled: false\n  tier0IntervalMs: 0\n',
    'providers:\n  openrouter:\n    type: gateway\n    baseUrl: https://x\n    authTokenEnv: T\nmodels:\n  lead: openrouter/openai/gpt-5\n',
    'runtime:\n  default: codex\nmodels:\n  lead: gpt-5\n',
    'runtime:\n  default: rehearsal\n',
    'models:\n  lead: opus\n  scout: haiku\n  builder: anthropic/claude-x\n',
  ])('accepts %j', async (text) => {
    await config(text);
  });

  it('turns tier 1 on with default numbers, which the reference refuses', async () => {
    const loaded = await config('watchdog:\n  tier0Enabled: true\n  tier1Enabled: true\n');
    expect(loaded.watchdog.triageTimeoutMs).toBeLessThan(loaded.watchdog.tier0IntervalMs);
  });

  it('reports the first problem and lists the others as data', async () => {
    const loaded = await load('agents:\n  maxConcurrent: 0\n  maxDepth: -1\n');
    expect(loaded.ok ? null : loaded.error).toMatchObject({
      field: 'agents.maxConcurrent',
      data: { value: 0, problems: ['agents.maxConcurrent', 'agents.maxDepth'] },
    });
  });
});

describe('warnings', () => {
  it('warns once about a model of another vendor for builder or scout', async () => {
    const found = await warnings(
      'providers:\n  corp:\n    type: native\nmodels:\n  builder: corp/x\n  lead: corp/y\n',
      'models:\n  builder: corp/x\n',
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('models.builder: corp/x');
  });

  it.each([
    ['-1', 0],
    ['.inf', 0],
    ['45000', 45_000],
  ])('warns about shellInitDelayMs %s', async (value, used) => {
    const loaded = await load(`runtime:\n  shellInitDelayMs: ${value}\n`);
    if (!loaded.ok) throw new Error(loaded.error.message);
    expect(loaded.value.config.runtime.shellInitDelayMs).toBe(used);
    expect(loaded.value.warnings).toHaveLength(1);
  });

  it('warns about a runtime that is no name and a switch that is no boolean', async () => {
    const found = await warnings('runtime:\n  default: 3\n  claudeHeadlessByDefault: often\n');
    expect(found.map((line) => line.split(' ')[0])).toEqual(['runtime.default', 'runtime.claudeHeadlessByDefault']);
  });

  it('names unknown settings and the likely spelling', async () => {
    const found = await warnings('agents:\n  maxConcurent: 3\nwhatever: 1\n');
    expect(found[0]).toContain('unknown setting agents.maxConcurent is ignored; did you mean agents.maxConcurrent?');
    expect(found[1]).toContain('unknown setting whatever');
  });
});

describe('old words', () => {
  it('moves an old watchdog section up one tier and says so', async () => {
    const loaded = await load('watchdog:\n  tier1Enabled: true\n  tier1IntervalMs: 45000\n  tier2Enabled: true\n');
    if (!loaded.ok) throw new Error(loaded.error.message);
    expect(loaded.value.config.watchdog).toMatchObject({
      tier0Enabled: true,
      tier0IntervalMs: 45_000,
      tier1Enabled: true,
      tier2Enabled: false,
    });
    expect(loaded.value.warnings).toHaveLength(3);
    expect(loaded.value.warnings.every((line) => line.startsWith('DEPRECATED'))).toBe(true);
  });

  it('leaves a new-style section alone', async () => {
    const loaded = await config('watchdog:\n  tier0Enabled: false\n  tier1Enabled: false\n  tier2Enabled: true\n');
    expect(loaded.watchdog).toMatchObject({ tier0Enabled: false, tier1Enabled: false, tier2Enabled: true });
  });

  it('does not migrate a local file that only sets tier1Enabled', async () => {
    for (const base of ['watchdog:\n  tier0Enabled: false\n', 'project:\n  name: x\n']) {
      const loaded = await config(base, 'watchdog:\n  tier1Enabled: true\n');
      expect(loaded.watchdog.tier1Enabled).toBe(true);
      expect(loaded.watchdog.tier0Enabled).toBe(base.includes('project'));
    }
  });

  it('reads a local file in the old words when the project uses them', async () => {
    const loaded = await config('watchdog:\n  tier1Enabled: true\n', 'watchdog:\n  tier1Enabled: false\n');
    expect(loaded.watchdog).toMatchObject({ tier0Enabled: false, tier1Enabled: false });
  });

  it.each([
    ['beads:\n  enabled: false\n', { backend: 'beads', enabled: false }],
    ['seeds:\n  enabled: true\n', { backend: 'seeds', enabled: true }],
    ['seeds: {}\n', { backend: 'seeds', enabled: true }],
    ['beads:\n  enabled: false\ntaskTracker:\n  backend: seeds\n', { backend: 'seeds', enabled: true }],
  ])('reads %j as the task tracker', async (text, expected) => {
    expect((await config(text)).taskTracker).toEqual(expected);
  });
});
