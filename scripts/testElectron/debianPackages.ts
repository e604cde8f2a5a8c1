import { run } from '../lib/run.ts';

/**
 * Debian packages that the end-to-end tests need: Electron's libraries, a virtual screen, Chromium, and unzip for the
 * test Electron's archive (environment.md).
 */
export const DEBIAN_PACKAGES = [
  'libgtk-3-0',
  'libnss3',
  'libasound2',
  'libgbm1',
  'libatk-bridge2.0-0',
  'libcups2',
  'xvfb',
  'xauth',
  'dbus',
  'chromium',
  'unzip',
] as const;

/** Format of dpkg-query, whose placeholders look like ours. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills the placeholders in, not JavaScript.
const DPKG_FORMAT = '-f=${Package} ${db:Status-Status}\\n';

/**
 * Names of `wanted` that are not installed, given the output of `dpkg-query -W -f='${Package} ${db:Status-Status}\n'`.
 * A name with the suffix `t64` stands for the one without: newer releases renamed the libraries so.
 */
export function missingPackages(dpkgOutput: string, wanted: readonly string[] = DEBIAN_PACKAGES): readonly string[] {
  const installed = new Set<string>();
  for (const line of dpkgOutput.split('\n')) {
    const [name, status] = line.split(' ');
    if (name !== undefined && status === 'installed') installed.add(name);
  }
  return wanted.filter((name) => !installed.has(name) && !installed.has(`${name}t64`));
}

/**
 * Makes sure that the packages are there: installs what is missing when this user may, else throws the one line to
 * run. On systems without dpkg nothing is checked; a missing program then shows by its own name.
 */
export async function ensureDebianPackages(say: (line: string) => void): Promise<void> {
  if (process.platform !== 'linux') return;
  let dpkgOutput: string;
  try {
    dpkgOutput = (await run('dpkg-query', ['-W', DPKG_FORMAT])).stdout;
  } catch {
    // No dpkg: not a Debian system, its own package manager is the person's business.
    say('No dpkg here: make sure that xvfb-run, Chromium and the libraries of GTK 3 are installed.');
    return;
  }
  const missing = missingPackages(dpkgOutput);
  if (missing.length === 0) return;
  const root = process.getuid?.() === 0;
  if (!root) {
    throw new Error(
      `the end-to-end tests need Debian packages that are not installed; run: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`,
    );
  }
  say(`Installing Debian packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...missing]]) {
    const result = await run('apt-get', args, { env });
    if (result.code !== 0) {
      const lines = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-4).join('\n');
      throw new Error(`apt-get ${args[0]} failed:\n${lines}`);
    }
  }
}
