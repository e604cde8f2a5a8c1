import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect, it } from 'vitest';

const MODULE = join(import.meta.dirname, 'inheritedDescriptors.ts');
/** Numbers of two descriptors handed down: among the first few, which Node marks itself, and far beyond. */
const HANDED = [3, 40] as const;

it('what a starter handed down is let go, what the process opens itself works', async () => {
  const program = `
    import { writeFileSync } from 'node:fs';
    import { createServer, connect } from 'node:net';
    import { releaseInheritedDescriptors } from ${JSON.stringify(MODULE)};
    writeFileSync(1, String(releaseInheritedDescriptors()));
    const server = createServer((socket) => socket.end('served')).listen(0, '127.0.0.1', () => {
      connect(server.address().port, '127.0.0.1').on('data', (data) => writeFileSync(1, ' ' + data)).on('close', () => server.close());
    });`;
  const stdio = Array.from({ length: HANDED[1] + 1 }, (_none, number) =>
    number === 1 || HANDED.some((handed) => handed === number) ? ('pipe' as const) : ('ignore' as const),
  );
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio });
  let printed = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    printed += bytes.toString();
  });
  for (const number of HANDED) (child.stdio[number as 3] as Readable).resume();
  await once(child, 'close');
  const [released, served] = printed.split(' ');
  // Only where a system hands descriptors down unasked is there anything to let go.
  expect(Number(released)).toBeGreaterThanOrEqual(process.platform === 'linux' ? HANDED.length : 0);
  expect(served).toBe('served');
});
