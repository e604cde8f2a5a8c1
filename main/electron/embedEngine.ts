import { ok, type Result } from '../../contract/result.ts';
import type { EmbeddedEngine } from './engineHost.ts';

/**
 * The one place where the desktop composes an engine of its own. The engine is imported lazily, so that a desktop that
 * attaches never loads SQLite.
 * @param onShutdown called when a face asked this engine to end.
 */
export async function embedEngine(projectRoot: string, onShutdown: () => void): Promise<Result<EmbeddedEngine>> {
  const [{ createEngine }, { openProjectRegistry }] = await Promise.all([
    import('../core/engine.ts'),
    import('../core/projects/projectRegistry.ts'),
  ]);
  let gone = false;
  const created = await createEngine({
    projectRoot,
    mode: 'embedded',
    onShutdown,
    registry: openProjectRegistry(),
    // The window stays and says why: faces are told when the engine closes, and the next connection looks for the project anew.
    onGone: () => {
      gone = true;
    },
  });
  if (!created.ok) return created;
  const engine = created.value;
  return ok({
    isGone: () => gone,
    connect(channel) {
      // The channel never leaves this process: being here is the proof, and the person at the desktop owns the engine.
      engine.connect(channel, () => 'admin');
    },
    close: () => engine.close(),
  });
}
