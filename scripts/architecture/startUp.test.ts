import { beforeAll, expect, test } from 'vitest';
import { parseImports, resolveImport } from './imports.ts';
import { isTest, readSources, type Source } from './sources.ts';

/** What takes longer to load than a whole call of `ov` may take beside an empty Node. */
const SLOW =
  /^(?:zod|commander|yaml|birpc|better-sqlite3|pino|node:(?:fs\/promises|child_process|crypto|http|stream.*))$/;

let sources: ReadonlyMap<string, Source> = new Map();
beforeAll(async () => {
  const files = await readSources((path) => /^(main|contract)\/.*\.ts$/.test(path) && !isTest(path));
  sources = new Map(files.map((source) => [source.path, source]));
});

/** Everything a file imports from the start, over all its imports but lazy ones: packages by name, files by path. */
function startOf(root: string): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const files = new Set([root]);
  const packages = new Set<string>();
  for (const path of files) {
    const text = sources.get(path)?.text ?? '';
    for (const found of parseImports(text.replace(/\bimport\s*\([^)]*\)/g, ''))) {
      if (found.typeOnly) continue;
      const target = resolveImport(path, found.specifier);
      if (target === null) packages.add(found.specifier);
      else files.add(target);
    }
  }
  return { files, packages };
}

test.each([
  ['main/cli/index.ts', 'main/cli/quickCalls.ts'],
  ['main/cli/guardCall.ts', 'main/core/agents/guardDecision.ts'],
])('%s begins without a library, and without what node itself loads slowly', (root, reached) => {
  const { files, packages } = startOf(root);
  // The walk really walks.
  expect(files).toContain(reached);
  expect([...packages].filter((name) => SLOW.test(name))).toEqual([]);
});

test('a guarded call opens no socket', () => {
  for (const root of ['main/cli/index.ts', 'main/cli/guardCall.ts'])
    expect([...startOf(root).packages]).not.toContain('node:net');
});

test('the whole command line is loaded only when it is asked for', () => {
  expect([...startOf('main/cli/index.ts').files]).not.toContain('main/cli/commandLine.ts');
  expect([...startOf('main/cli/commandLine.ts').files].filter((path) => path.startsWith('main/cli/commands/'))).toEqual(
    [],
  );
});
