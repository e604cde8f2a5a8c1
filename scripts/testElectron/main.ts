/** `node scripts/testElectron/main.ts`: prepares the Debian packages and the Electron of the end-to-end tests, prints its executable. */
import { stop } from '../lib/run.ts';
import { ensureDebianPackages } from './debianPackages.ts';
import { prepareTestElectron } from './prepare.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
try {
  await ensureDebianPackages(say);
  const electron = await prepareTestElectron(say);
  process.stdout.write(`${electron.executable}\n`);
} catch (error) {
  stop('test Electron', error);
}
