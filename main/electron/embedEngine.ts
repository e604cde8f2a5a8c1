import { fail, type Result } from '../../contract/result.ts';
import type { EmbeddedEngine } from './engineHost.ts';

/**
 * The one place where the desktop composes an engine of its own. The engine is imported here and lazily, so that a
 * desktop that attaches never loads SQLite.
 */
export async function embedEngine(projectRoot: string): Promise<Result<EmbeddedEngine>> {
  // Plugs in here: `const { createEngine } = await import('../core/engine.ts');` then
  // `createEngine({ projectRoot, mode: 'embedded' })`, whose `connect` takes the scope `admin`.
  return fail('unavailable', `This build cannot run an engine of its own; run "ov serve" in ${projectRoot} first.`);
}
