/** `npm run build [-- --strict] [--force]`: brings `dist` up to date; parts whose sources did not change are left alone. */

import { buildParts } from './build/buildParts.ts';
import { writeIcons } from './build/icons.ts';
import { PART_NAMES } from './build/layout.ts';
import { stop } from './lib/run.ts';

// Vite decides by this before any configuration is read, React's production build included.
process.env.NODE_ENV ??= 'production';

const started = performance.now();
try {
  const built = await buildParts({
    force: process.argv.includes('--force'),
    strict: process.argv.includes('--strict'),
    say: (line) => void process.stdout.write(`${line}\n`),
  });
  await writeIcons();
  const kept = PART_NAMES.filter((part) => !built.includes(part));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `dist is up to date (${seconds} s${kept.length > 0 ? `; not rebuilt: ${kept.join(', ')}` : ''})\n`,
  );
} catch (error) {
  stop('build', error);
}
