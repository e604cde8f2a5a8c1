import { beforeAll, expect, test } from 'vitest';
import { blankComments, parseImports, resolveImport } from './imports.ts';
import { isTest, readSources, type Source } from './sources.ts';

/** Node's calls that hold the whole process: files, child processes, compression, key derivation, and waiting by atomics. */
const BLOCKING = /\b(?:[a-z]\w*Sync|Atomics\s*\.\s*wait)\s*\(/g;

/** Our own functions may end in "Sync" only if they do not block; there are none. */
function blockingCalls(text: string): readonly string[] {
  return [...blankComments(text).matchAll(BLOCKING)].map((match) => match[0].replace(/\s*\($/, ''));
}

/** Every file that can run inside Electron's main process or an engine: followed over all imports, dynamic ones too. */
function reachable(sources: ReadonlyMap<string, Source>): ReadonlySet<string> {
  const roots = [...sources.keys()].filter((path) => path === 'main/index.ts' || /^main\/(core|server)\//.test(path));
  const seen = new Set<string>();
  const queue = [...roots];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = sources.get(path);
    if (source === undefined || seen.has(path)) continue;
    seen.add(path);
    for (const found of parseImports(source.text)) {
      const target = found.typeOnly ? null : resolveImport(path, found.specifier);
      if (target !== null) queue.push(target);
    }
  }
  return seen;
}

let sources: ReadonlyMap<string, Source> = new Map();
beforeAll(async () => {
  const files = await readSources((path) => /^(main|contract)\/.*\.ts$/.test(path) && !isTest(path));
  sources = new Map(files.map((source) => [source.path, source]));
});

test('the walk reaches the shell, the platform and the contract', () => {
  const seen = reachable(sources);
  expect(seen.has('main/electron/window.ts')).toBe(true);
  expect(seen.has('main/platform/staticFiles.ts')).toBe(true);
  expect(seen.has('contract/shell.ts')).toBe(true);
});

test('no blocking call is reachable from the Electron main process, the engine or the server', () => {
  const wrong = [...reachable(sources)]
    .toSorted()
    .flatMap((path) => blockingCalls(sources.get(path)?.text ?? '').map((call) => `${path}: ${call}`));
  expect(wrong).toEqual([]);
});

test('what attaches never loads SQLite: no file the desktop imports at its start names the binding', () => {
  const seen = new Set<string>();
  const queue = ['main/index.ts'];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = sources.get(path);
    if (source === undefined || seen.has(path)) continue;
    seen.add(path);
    // Lazy imports are left out: they are how the embedded engine is kept away until it is wanted.
    const eager = source.text.replace(/\bimport\s*\([^)]*\)/g, '');
    for (const found of parseImports(eager)) {
      if (found.typeOnly) continue;
      expect(found.specifier, path).not.toBe('better-sqlite3');
      const target = resolveImport(path, found.specifier);
      if (target !== null) queue.push(target);
    }
  }
  expect(seen.size).toBeGreaterThan(20);
});

test.each([
  ['readFileSync(path)', ['readFileSync']],
  ['child_process.execSync ("x")', ['child_process.execSync'.split('.')[1]]],
  ['Atomics.wait(cells, 0, 0)', ['Atomics.wait']],
  ['// readFileSync(path)', []],
  ['isSync(x); async(x)', ['isSync']],
  ['await readFile(path)', []],
])('%s', (text, expected) => {
  expect(blockingCalls(text)).toEqual(expected);
});
