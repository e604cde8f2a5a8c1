import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../main/core/engine.ts';
import { type ElectronFace, launchElectron } from '../support/electronFace.ts';
import { createRepository, type Repository } from '../support/repository.ts';

describe('a desktop beside a running engine', () => {
  let repository: Repository;
  let engine: Engine;
  let room: ElectronFace;
  beforeAll(async () => {
    repository = await createRepository();
    const created = await createEngine({ projectRoot: repository.root, mode: 'foreground' });
    if (!created.ok) throw new Error(created.error.message);
    engine = created.value;
    room = await launchElectron({ project: repository.root });
  });
  afterAll(async () => {
    await room?.close();
    await engine?.close();
    await repository?.remove();
  });

  test('attaches to it and says so in the page', async () => {
    await room.page
      .getByText(/attached|foreground/i)
      .first()
      .waitFor();
    const title = await room.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle());
    expect(title).toContain('Overstory Control Room');
    expect(engine.info.pid).toBe(process.pid);
  });

  test('never loads SQLite into its own process', async () => {
    const loaded = await room.app.evaluate(
      () => process.report.getReport() as { readonly sharedObjects?: readonly string[] },
    );
    expect(loaded.sharedObjects?.length).toBeGreaterThan(5);
    expect(loaded.sharedObjects?.filter((path) => path.includes('sqlite'))).toEqual([]);
  });
});
