// The app that `electron <folder or file> [arguments]` starts when Electron's own default app is not there: it loads the
// named app the way the official one does. Waiting at the top level keeps `ready` back until the app's first code ran.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const require = createRequire(import.meta.url);

function fail(line) {
  process.stderr.write(`electron: ${line}\n`);
  process.exit(1);
}

/** The entry of an app given as a file, or as a folder with a package.json. */
function findEntry(target) {
  const path = resolve(target);
  if (!existsSync(path)) fail(`no app at ${target}; give a file or a folder with a package.json`);
  if (!statSync(path).isDirectory()) return { entry: path, root: resolve(path, '..'), description: null };
  const file = join(path, 'package.json');
  if (!existsSync(file)) return { entry: join(path, 'index.js'), root: path, description: null };
  const description = JSON.parse(readFileSync(file, 'utf8'));
  return { entry: join(path, description.main ?? 'index.js'), root: path, description };
}

async function main() {
  if (process.argv.includes('--version') || process.argv.includes('-v')) {
    process.stdout.write(`v${process.versions.electron}\n`);
    process.exit(0);
  }
  // Modules asked for by `-r` run first; a debugger's module may rewrite the arguments, so they are read again afterwards.
  for (let index = 1; index < process.argv.length; index += 1) {
    const argument = process.argv[index];
    if (argument !== '-r' && argument !== '--require') continue;
    const [name] = process.argv.splice(index, 2).slice(1);
    if (name === undefined) fail('-r needs a module');
    require(resolve(name));
    index = 0;
  }
  const target = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
  if (target === undefined) fail('usage: electron [-r module] <folder or file> [arguments]');

  const { entry, root, description } = findEntry(target);
  Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
  const name = description?.productName ?? description?.name;
  if (name !== undefined) app.setName(name);
  if (description?.version !== undefined) app.setVersion?.(description.version);
  app.setAppPath(root);
  await import(pathToFileURL(entry).href);
}

await main().catch((error) => fail(error?.stack ?? String(error)));
