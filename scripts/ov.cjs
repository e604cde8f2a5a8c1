#!/usr/bin/env node
// The `ov` command: finds a Node that can load the stores and runs the real program, built where the build is as new as the
// source. Written for any Node.
'use strict';

const { existsSync, readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');

/** Node-API version of the SQLite binding; main/platform/nodeApiGuard.ts says the same. */
const REQUIRED_NODE_API = 10;
const root = join(__dirname, '..');
const built = join(root, 'dist', 'main', 'ov.cjs');
const source = join(root, 'main', 'cli', 'index.ts');

if (Number(process.versions.napi) >= REQUIRED_NODE_API) runHere();
else runWith(join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'));

function runHere() {
  if (existsSync(built) && isBuildCurrent()) return require(built);
  if (existsSync(source)) return runSource();
  return refuse(`neither ${source} nor ${built} exists; run "npm run build" in ${root}.`);
}

/** A package has only the build. In a checkout the source is the truth: the build counts while nothing changed since. */
function isBuildCurrent() {
  if (!existsSync(source)) return true;
  try {
    // Written by scripts/build/sourceList.ts.
    const { files, folders } = JSON.parse(readFileSync(join(root, 'dist', '.sources'), 'utf8'));
    for (const name in folders) if (statSync(join(root, name)).mtimeMs !== folders[name]) return false;
    for (const name in files) {
      const { mtimeMs, ctimeMs, size } = statSync(join(root, name));
      const [changed, touched, bytes] = files[name];
      if (mtimeMs !== changed || ctimeMs !== touched || size !== bytes) return false;
    }
    return true;
  } catch {
    // No list, or a source that is gone: the source itself runs, which is always right.
    return false;
  }
}

function runSource() {
  const { emitWarning } = process;
  // That Node strips types itself is no news to who runs a command.
  process.emitWarning = (warning, ...rest) => {
    const type = typeof rest[0] === 'object' && rest[0] !== null ? rest[0].type : rest[0];
    if (type !== 'ExperimentalWarning') emitWarning.call(process, warning, ...rest);
  };
  // The place main/cli/index.ts uses; set before the first file, because stripping types without it loads a compiler.
  const cache = process.env.XDG_CACHE_HOME || join(require('node:os').homedir(), '.cache');
  require('node:module').enableCompileCache(join(cache, 'overstory-control-room', 'node'));
  return import(require('node:url').pathToFileURL(source).href);
}

/** Another Node runs this file again, with the terminal, the signals and the exit code of this one. */
function runWith(node) {
  if (!existsSync(node))
    return refuse(
      `this needs Node 22.14 or newer (Node-API ${REQUIRED_NODE_API}); this is Node ${process.versions.node}. Run "npm ci" in ${root}, which brings its own Node, or install a newer one.`,
    );
  const child = require('node:child_process').spawn(node, [__filename, ...process.argv.slice(2)], { stdio: 'inherit' });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  // A terminal sends Ctrl+C to both of us; the child decides what it means, we only pass on what came to us alone.
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => refuse(`${node} cannot be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code === null ? 1 : code);
    // Ends the way the child ended, so that a shell sees the same.
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + (require('node:os').constants.signals[signal] || 15)), 100);
  });
}

function refuse(line) {
  process.stderr.write(`ov: ${line}\n`);
  process.exit(1);
}
