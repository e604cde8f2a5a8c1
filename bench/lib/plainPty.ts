import { join } from 'node:path';
import { firstMessage } from './engine.ts';
import type { BenchContext } from './measure.ts';
import { endChild, startScript } from './processes.ts';

/** Runs the bare node-pty program once and gives what it tells. */
export async function plainPty<Answer>(context: BenchContext, args: readonly (string | number)[]): Promise<Answer> {
  const child = startScript(
    join(import.meta.dirname, '../children/plainPty.ts'),
    args.map(String),
    import.meta.dirname,
  );
  context.defer(() => endChild(child));
  await firstMessage(child);
  child.send('go');
  return firstMessage<Answer>(child);
}
