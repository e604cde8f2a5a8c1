#!/usr/bin/env node
// The `ov` command: finds a Node that can load the stores and hands over to the real program. Written for any Node.
'use strict';

const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { constants } = require('node:os');
const { join } = require('node:path');

/** Node-API version of the SQLite binding; main/platform/nodeApiGuard.ts says the same. */
const REQUIRED_NODE_API = 10;
const root = join(__dirname, '..');

function findNode() {
  if (Number(process.versions.napi) >= REQUIRED_NODE_API) return process.execPath;
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(own) ? own : null;
}

const node = findNode();
if (node === null) {
  process.stderr.write(
    `ov: this needs Node 22.14 or newer (Node-API ${REQUIRED_NODE_API}); this is Node ${process.versions.node}. Run "npm ci" in ${root}, which brings its own Node, or install a newer one.\n`,
  );
  process.exit(1);
}

const built = join(root, 'dist', 'main', 'ov.js');
const source = join(root, 'main', 'cli', 'index.ts');
// In a checkout the source is the truth: a build may be older. A package has only the build.
const entry = existsSync(source) ? source : built;
if (!existsSync(entry)) {
  process.stderr.write(`ov: neither ${source} nor ${built} exists; run "npm run build" in ${root}.\n`);
  process.exit(1);
}

const child = spawn(node, ['--disable-warning=ExperimentalWarning', entry, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
// A terminal sends Ctrl+C to both of us; the child decides what it means, we only pass on what came to us alone.
for (const signal of signals) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`ov: ${node} cannot be started: ${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // Ends the way the child ended, so that a shell sees the same.
  for (const name of signals) process.removeAllListeners(name);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 15)), 100);
});
