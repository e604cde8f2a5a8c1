import * as check from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigChange } from '../../../contract/config.ts';
import { editYaml } from './editYaml.ts';
import { valueAt } from './merge.ts';
import { configText } from './scaffold.ts';
import { pathOf } from './settingKeys.ts';
import { parseYamlMapping } from './yamlText.ts';

const LABEL = 'config.yaml';

function edit(text: string, ...changes: readonly ConfigChange[]): string {
  const edited = editYaml(text, changes, LABEL);
  if (!edited.ok) throw new Error(edited.error.message);
  return edited.value;
}

describe('changing a settings file', () => {
  const text = `# Ours.
runtime:   # which CLI
  default: "claude" # the team's choice
  shellInitDelayMs: 1_000

agents:
    maxConcurrent: 30_000   # plenty
`;

  it('exchanges a value in its place and leaves every other byte as it was', () => {
    expect(edit(text, { key: 'runtime.default', value: 'codex' })).toBe(text.replace('"claude"', 'codex'));
    expect(edit(text, { key: 'agents.maxConcurrent', value: 4 })).toBe(text.replace('30_000 ', '4 '));
  });

  it('keeps comments, quotes and grouped numbers when a key is added or taken out', () => {
    const added = edit(text, { key: 'models.builder', value: 'opus' });
    expect(added).toBe(`${text}models:\n  builder: opus\n`);
    expect(edit(added, { key: 'models.builder' })).toBe(text);
    expect(edit(text, { key: 'runtime.capabilities.lead', value: 'codex' })).toBe(
      text.replace('1_000\n', '1_000\n  capabilities:\n    lead: codex\n'),
    );
    expect(edit(text, { key: 'runtime.shellInitDelayMs' })).toBe(text.replace('  shellInitDelayMs: 1_000\n', ''));
  });

  it('writes only the lines of a list that is replaced', () => {
    const start =
      '# one\nproject:\n  qualityGates: # ours\n    - name: A\n      command: a\n      description: d\n\n# two\nmodels: {}\n';
    const gate = { name: 'B', command: 'b', description: 'd' };
    expect(edit(start, { key: 'project.qualityGates', value: [gate] })).toBe(
      '# one\nproject:\n  qualityGates:\n    - name: B\n      command: b\n      description: d\n\n# two\nmodels: {}\n',
    );
  });

  it('changes a file in flow style too', () => {
    const edited = edit('# x\nruntime: { default: claude }\n', { key: 'runtime.shellInitDelayMs', value: 3 });
    const parsed = parseYamlMapping(edited, LABEL);
    expect(parsed.ok && parsed.value).toEqual({ runtime: { default: 'claude', shellInitDelayMs: 3 } });
    expect(edited).toContain('# x');
  });

  it('fills an empty section, and an empty file', () => {
    expect(edit('models:\n', { key: 'models.lead', value: 'opus' })).toBe('models:\n  lead: opus\n');
    expect(edit('models: # by role\nruntime:\n  default: x\n', { key: 'models.lead', value: 'opus' })).toBe(
      'models: # by role\n  lead: opus\nruntime:\n  default: x\n',
    );
    expect(edit('', { key: 'runtime.default', value: 'codex' })).toBe('runtime:\n  default: codex\n');
    expect(edit('# only a comment\n', { key: 'runtime.default', value: 'codex' })).toContain('# only a comment');
  });

  it('quotes what would be read as something else', () => {
    for (const value of ['yes', 'true', '12', 'null', ' a', 'a: b', '# x', '30_000', '- x', "it's", 'two\nlines']) {
      const parsed = parseYamlMapping(edit(text, { key: 'project.name', value }), LABEL);
      expect(parsed.ok && valueAt(parsed.value, ['project', 'name'])).toBe(value);
    }
  });

  it('writes lists of sections, and names with dots under prices', () => {
    const gates = [{ name: 'Tests', command: 'npm test', description: 'all pass' }];
    const price = { input: 2, output: 8 };
    const edited = edit(
      text,
      { key: 'project.qualityGates', value: gates },
      { key: 'controlRoom.prices.gpt-4.1', value: price },
    );
    const parsed = parseYamlMapping(edited, LABEL);
    expect(parsed.ok && valueAt(parsed.value, ['project', 'qualityGates'])).toEqual(gates);
    expect(parsed.ok && valueAt(parsed.value, ['controlRoom', 'prices', 'gpt-4.1'])).toEqual(price);
  });

  it('keeps the line ends of the file', () => {
    const edited = edit('a: 1\r\nruntime:\r\n  default: x\r\n', { key: 'models.lead', value: 'opus' });
    expect(edited.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('refuses a file that is no YAML, and leaves it alone', () => {
    const refused = editYaml('a: [\n', [{ key: 'a', value: 1 }], LABEL);
    expect(refused.ok ? '' : refused.error.message).toContain('config.yaml is not valid YAML');
  });

  it('whatever is set is what is read afterwards, and nothing else has changed', () => {
    const start = configText({ root: '/p', name: 'p', canonicalBranch: 'main', runtime: 'claude', qualityGates: [] });
    const value = check.oneof(check.string({ maxLength: 30 }), check.integer(), check.boolean(), check.constant(null));
    const key = check.constantFrom('runtime.default', 'models.lead', 'agents.maxConcurrent', 'merge.x', 'new.a.b');
    check.assert(
      check.property(check.array(check.record({ key, value }), { minLength: 1, maxLength: 6 }), (changes) => {
        // Characters that no YAML text can hold are no settings.
        const sane = changes.map((change) =>
          typeof change.value === 'string'
            ? { ...change, value: change.value.replaceAll(/[^\x20-\x7e]/g, '') }
            : change,
        );
        const before = parseYamlMapping(start, LABEL);
        const after = parseYamlMapping(edit(start, ...sane), LABEL);
        if (!before.ok || !after.ok) throw new Error('not readable');
        const last = new Map(sane.map((change) => [change.key, change.value]));
        for (const [name, wanted] of last) expect(valueAt(after.value, pathOf(name))).toEqual(wanted);
        for (const name of ['project.name', 'watchdog.tier0IntervalMs', 'worktrees.baseDir'])
          expect(valueAt(after.value, pathOf(name))).toEqual(valueAt(before.value, pathOf(name)));
      }),
      { numRuns: 60 },
    );
  });
});
