import { beforeAll, expect, test } from 'vitest';
import { type Import, packageOf, parseImports, resolveImport } from './imports.ts';
import { isTest, readSources, type Source } from './sources.ts';

/** What a layer may import. `inside` are prefixes of paths from the root; tests may reach further and are not checked. */
interface Layer {
  readonly name: string;
  readonly owns: (path: string) => boolean;
  readonly inside: readonly string[];
  /** Allowed as types only. */
  readonly typesOf?: readonly string[];
  readonly node: boolean;
  readonly allows: (packageName: string, path: string) => boolean;
}

const below =
  (...prefixes: readonly string[]) =>
  (path: string): boolean =>
    prefixes.some((prefix) => path.startsWith(prefix));
const among =
  (...names: readonly string[]) =>
  (name: string): boolean =>
    names.includes(name);

/** The parts of the pty host that its clients share (architecture.md §3, "client only"). */
const PTY_HOST_CLIENT = ['main/pty-host/client.ts', 'main/pty-host/protocol.ts'];
/** Packages of the interface, and those with a single home. */
const INTERFACE =
  /^(react|react-dom|zustand|cmdk|lucide-react|@base-ui\/|@tanstack\/|@atlaskit\/|@xterm\/xterm$|react-resizable-panels)/;
const plainNode = (name: string): boolean =>
  !INTERFACE.test(name) && !['electron', 'node-pty', 'better-sqlite3'].includes(name);
const isStore = (path: string): boolean => path.startsWith('main/core/db/') || path.endsWith('Store.ts');

/** The import table of architecture.md §3 with a column for main/platform. */
const LAYERS: readonly Layer[] = [
  { name: 'contract', owns: below('contract/'), inside: ['contract/'], node: false, allows: among('zod', 'birpc') },
  {
    name: 'platform',
    owns: below('main/platform/'),
    inside: ['contract/', 'main/platform/'],
    node: true,
    allows: () => false,
  },
  {
    name: 'core',
    owns: below('main/core/'),
    inside: ['contract/', 'main/platform/', 'main/core/', ...PTY_HOST_CLIENT],
    node: true,
    allows: (name, path) => plainNode(name) || (name === 'better-sqlite3' && isStore(path)),
  },
  {
    name: 'pty-host',
    owns: below('main/pty-host/'),
    inside: ['contract/', 'main/platform/', 'main/pty-host/'],
    node: true,
    allows: (name) => plainNode(name) || name === 'node-pty',
  },
  {
    name: 'server',
    owns: below('main/server/'),
    inside: ['contract/', 'main/platform/', 'main/server/'],
    typesOf: ['main/core/'],
    node: true,
    allows: plainNode,
  },
  {
    name: 'electron',
    owns: (path) => path.startsWith('main/electron/') || path === 'main/index.ts',
    inside: ['contract/', 'main/platform/', 'main/core/', 'main/electron/', ...PTY_HOST_CLIENT],
    node: true,
    allows: (name) => plainNode(name) || name === 'electron',
  },
  {
    // The command line composes the browser face for `ov serve`, as the desktop composes its own.
    name: 'cli',
    owns: below('main/cli/'),
    inside: ['contract/', 'main/platform/', 'main/core/', 'main/cli/', 'main/server/', ...PTY_HOST_CLIENT],
    node: true,
    allows: plainNode,
  },
  {
    name: 'rehearsal',
    owns: below('main/rehearsal/'),
    inside: ['contract/', 'main/platform/', 'main/rehearsal/'],
    node: true,
    allows: plainNode,
  },
  {
    // The process of a turn that runs another program; only it speaks the Agent Client Protocol.
    name: 'turn bridge',
    owns: below('main/turn-bridge/'),
    inside: ['contract/', 'main/platform/', 'main/turn-bridge/'],
    node: true,
    allows: (name) => plainNode(name) || name === '@agentclientprotocol/sdk',
  },
  {
    name: 'renderer',
    owns: below('renderer/'),
    inside: ['contract/', 'renderer/'],
    node: false,
    allows: (name) => !['electron', 'node-pty', 'better-sqlite3', 'ws', 'execa', 'pino', 'commander'].includes(name),
  },
  {
    name: 'preload',
    owns: below('preload/'),
    inside: ['preload/'],
    typesOf: ['contract/'],
    node: false,
    allows: among('electron'),
  },
];

function refusal(layer: Layer, source: Source, found: Import): string | null {
  const target = resolveImport(source.path, found.specifier);
  if (target !== null) {
    if (below(...layer.inside)(target)) return null;
    return found.typeOnly && below(...(layer.typesOf ?? []))(target) ? null : target;
  }
  if (found.specifier.startsWith('node:')) return layer.node ? null : found.specifier;
  return found.typeOnly || layer.allows(packageOf(found.specifier), source.path) ? null : found.specifier;
}

let sources: readonly Source[] = [];
beforeAll(async () => {
  sources = await readSources((path) => /\.(ts|tsx)$/.test(path) && !isTest(path));
});

test.each(LAYERS.map((layer) => [layer.name, layer] as const))(
  '%s imports only what its row of the table allows',
  (_, layer) => {
    const wrong = sources
      .filter((source) => layer.owns(source.path))
      .flatMap((source) =>
        parseImports(source.text).flatMap((found) => {
          const refused = refusal(layer, source, found);
          return refused === null ? [] : [`${source.path} imports ${refused}`];
        }),
      );
    expect(wrong).toEqual([]);
  },
);

test('every file below main, contract, preload and renderer belongs to a layer', () => {
  const homeless = sources
    .map((source) => source.path)
    .filter((path) => /^(contract|main|preload|renderer)\//.test(path) && !LAYERS.some((layer) => layer.owns(path)));
  expect(homeless).toEqual([]);
});

test('electron is imported only by the desktop shell and the preload', () => {
  const importers = sources
    .filter((source) => parseImports(source.text).some((found) => found.specifier === 'electron' && !found.typeOnly))
    .map((source) => source.path)
    .filter((path) => path !== 'main/index.ts' && !path.startsWith('main/electron/') && path !== 'preload/index.ts');
  expect(importers).toEqual([]);
});

test.each([
  ['core', 'main/core/mail/x.ts', `import { app } from 'electron';`],
  ['core', 'main/core/mail/x.ts', `import Database from 'better-sqlite3';`],
  ['core', 'main/core/mail/x.ts', `import { host } from '../../pty-host/index.ts';`],
  ['server', 'main/server/x.ts', `import { engine } from '../core/engine.ts';`],
  ['renderer', 'renderer/x.ts', `import { join } from 'node:path';`],
  ['renderer', 'renderer/x.ts', `import { engine } from '../main/core/engine.ts';`],
  ['contract', 'contract/x.ts', `import { join } from 'node:path';`],
  ['platform', 'main/platform/x.ts', `import { engine } from '../core/engine.ts';`],
])('%s is refused a forbidden import in %s', (name, path, text) => {
  const layer = LAYERS.find((candidate) => candidate.name === name);
  const [found] = parseImports(text);
  if (layer === undefined || found === undefined) throw new Error('the case is broken');
  expect(refusal(layer, { path, text }, found)).not.toBeNull();
});
