import { dirname, join } from 'node:path';

/** The programs of this product that run as processes of their own, or as threads. */
export type Entry = 'ov' | 'pty-host' | 'rehearsal' | 'screen-drawer' | 'turn-bridge';

const SOURCES: Readonly<Record<Entry, string>> = {
  ov: 'cli/index.ts',
  'pty-host': 'pty-host/index.ts',
  rehearsal: 'rehearsal/index.ts',
  'screen-drawer': 'pty-host/drawerThread.ts',
  'turn-bridge': 'turn-bridge/index.ts',
};

/** Built files; `ov` is CommonJS, which starts sooner (scripts/build/mainConfig.ts). */
const BUILT: Readonly<Record<Entry, string>> = {
  ov: 'ov.cjs',
  'pty-host': 'pty-host.js',
  rehearsal: 'rehearsal.js',
  'screen-drawer': 'screen-drawer.js',
  'turn-bridge': 'turn-bridge.js',
};

const here = import.meta.filename;
const runsFromSource = here.endsWith('.ts');

/**
 * Path of an entry: the TypeScript source when this code runs from source (Node strips the types), else the built file
 * beside this one. The build puts every chunk of the main side into one flat folder, which this relies on.
 */
export function entryPath(entry: Entry): string {
  return runsFromSource ? join(dirname(dirname(here)), SOURCES[entry]) : join(dirname(here), BUILT[entry]);
}

/** A command line, and variables its process needs beside the inherited ones. */
export interface EntryCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Command line that runs an entry under a Node that can load the stores: this process's own executable, or, inside
 * Electron, the executable with `ELECTRON_RUN_AS_NODE`, unless `OVERSTORY_NODE` names a better one (set by our own
 * launcher when the installed Electron is older than the stores need).
 */
export function entryCommand(entry: Entry): EntryCommand {
  return nodeCommand(entryPath(entry));
}

/**
 * The same for the `ov` that agents call: from source by its launcher, which runs the built program while that is as new as
 * the source, because stripping types would cost each of their calls several times its own time.
 */
export function agentsCommand(): EntryCommand {
  return nodeCommand(runsFromSource ? join(dirname(dirname(dirname(here))), 'scripts', 'ov.cjs') : entryPath('ov'));
}

function nodeCommand(path: string): EntryCommand {
  const override = process.env.OVERSTORY_NODE;
  const command = override !== undefined && override !== '' ? override : process.execPath;
  const asNode = command === process.execPath && process.versions.electron !== undefined;
  const env: Record<string, string> = {};
  if (asNode) env.ELECTRON_RUN_AS_NODE = '1';
  return { command, args: ['--disable-warning=ExperimentalWarning', path], env };
}
