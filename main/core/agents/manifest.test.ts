import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../config/schema.ts';
import { DEFAULT_MANIFEST, findByCapability, formatManifest, loadManifest, parseManifest } from './manifest.ts';
import { resolveModel } from './manifestModel.ts';

const good = DEFAULT_MANIFEST.agents.builder;

describe('parseManifest', () => {
  it('SP56: reads back what is written and rebuilds the index, in the manifest’s order', () => {
    const text = formatManifest(DEFAULT_MANIFEST).replace('"explore"', '"wrong"');
    const parsed = parseManifest(text, 'm');
    expect(parsed.ok && Object.keys(parsed.value.agents)).toHaveLength(8);
    expect(parsed.ok && findByCapability(parsed.value, 'wrong')).toEqual(['scout']);
    expect(findByCapability(DEFAULT_MANIFEST, 'coordinate')).toEqual(['lead', 'coordinator', 'orchestrator']);
    expect(findByCapability(DEFAULT_MANIFEST, 'toString')).toEqual([]);
  });

  it.each([
    ['{', 'Failed to parse'],
    ['[]', 'must hold an object'],
    ['{"agents":{}}', 'version must be non-empty text'],
    ['{"version":"","agents":{}}', 'version must be non-empty text'],
    ['{"version":"1"}', 'agents must be an object'],
    ['{"version":"1","agents":[]}', 'agents must be an object'],
    ['{"version":"1","agents":{"a":3}}', 'a: definition must be an object'],
    [JSON.stringify({ version: '1', agents: { a: { ...good, file: '../x' } } }), 'plain file name'],
  ])('SP54: refuses %s', (text, fragment) => {
    const parsed = parseManifest(text, 'm');
    if (parsed.ok) throw new Error('expected a refusal');
    expect(parsed.error.tag).toBe('agent');
    expect(parsed.error.message).toContain(fragment);
    expect(parsed.error.message).not.toContain('\n');
  });

  it('SP55: names all faults in one message', () => {
    const broken = { file: '', model: 1, tools: 'x', capabilities: [1], canSpawn: 'no', constraints: null };
    const parsed = parseManifest(
      JSON.stringify({ version: '1', agents: { a: broken, b: { ...good, model: '' } } }),
      'm',
    );
    const message = parsed.ok ? '' : parsed.error.message;
    for (const field of [
      'a: file',
      'a: model',
      'a: tools',
      'a: capabilities',
      'a: canSpawn',
      'a: constraints',
      'b: model',
    ]) {
      expect(message).toContain(field);
    }
  });
});

describe('loadManifest', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'manifest-'));
    await mkdir(join(root, 'defs'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('SP54: says what is missing', async () => {
    const missing = await loadManifest(root, 'manifest.json', 'defs');
    expect(missing.ok ? '' : missing.error.message).toContain('not found');
    await writeFile(
      join(root, 'manifest.json'),
      JSON.stringify({ version: '1', agents: { builder: good, scout: DEFAULT_MANIFEST.agents.scout } }),
    );
    await writeFile(join(root, 'defs/scout.md'), '');
    const noRole = await loadManifest(root, 'manifest.json', 'defs');
    expect(noRole.ok ? '' : noRole.error.message).toContain('defs/builder.md does not exist');
    await writeFile(join(root, 'defs/builder.md'), '');
    expect((await loadManifest(root, 'manifest.json', 'defs')).ok).toBe(true);
  });
});

describe('resolveModel', () => {
  const config = {
    ...defaultConfig('/p'),
    models: { lead: 'corp/org/model-x', scout: 'haiku' },
    providers: {
      corp: { type: 'gateway', baseUrl: 'http://gate', authTokenEnv: 'CORP_TOKEN' },
      anthropic: { type: 'native' },
    } as const,
  };
  const gateway = {
    ANTHROPIC_BASE_URL: 'http://gate',
    ANTHROPIC_API_KEY: '',
    ANTHROPIC_DEFAULT_SONNET_MODEL: 'org/model-x',
  };

  it.each([
    ['lead', 'opus', {}, { model: 'sonnet', env: gateway, isExplicitOverride: true }],
    [
      'lead',
      'opus',
      { CORP_TOKEN: 's' },
      { model: 'sonnet', env: { ...gateway, ANTHROPIC_AUTH_TOKEN: 's' }, isExplicitOverride: true },
    ],
    ['scout', 'opus', {}, { model: 'haiku', env: {}, isExplicitOverride: true }],
    ['builder', 'sonnet', {}, { model: 'sonnet', env: {}, isExplicitOverride: false }],
    [
      'builder',
      'sonnet',
      { ANTHROPIC_DEFAULT_SONNET_MODEL: ' big ' },
      { model: 'big', env: {}, isExplicitOverride: false },
    ],
    [
      'builder',
      'sonnet',
      { ANTHROPIC_DEFAULT_SONNET_MODEL: '  ' },
      { model: 'sonnet', env: {}, isExplicitOverride: false },
    ],
    ['builder', 'anthropic/claude-x', {}, { model: 'anthropic/claude-x', env: {}, isExplicitOverride: false }],
    ['builder', 'nobody/x', {}, { model: 'nobody/x', env: {}, isExplicitOverride: false }],
    ['constructor', undefined, {}, { model: 'fallback', env: {}, isExplicitOverride: false }],
  ])('SP57, SP58, SP59: %s with manifest %s: case %#', (role, manifestModel, environment, expected) => {
    expect(resolveModel(role, manifestModel, 'fallback', config, environment)).toMatchObject(expected);
  });
});
