import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findLiveEngine } from '../../main/core/lease/engineInfo.ts';
import { launchElectron } from '../support/electronFace.ts';
import { currentFace } from '../support/faces.ts';
import { createRepository, type Repository } from '../support/repository.ts';

describe.runIf(currentFace() === 'electron')('a desktop without a running engine', () => {
  let repository: Repository;
  beforeAll(async () => {
    repository = await createRepository();
  });
  afterAll(() => repository?.remove());

  test('brings one, and without work takes it along when it quits', async () => {
    const room = await launchElectron({ project: repository.root });
    await room.page.getByText('online').first().waitFor();
    expect(await findLiveEngine(repository.root)).not.toBeNull();
    await room.close();
    expect(await findLiveEngine(repository.root)).toBeNull();
  });
});
