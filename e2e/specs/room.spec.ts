import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { createRepository, type Repository } from '../support/repository.ts';
import { launchRoom, type Room } from '../support/room.ts';

describe(`the room of a fresh repository in ${currentFace()}`, () => {
  let repository: Repository;
  let room: Room;
  beforeAll(async () => {
    repository = await createRepository();
    room = await launchRoom(repository.root);
  });
  afterAll(async () => {
    await room?.close();
    await repository?.remove();
  });

  test('connects to the engine', async () => {
    await room.page.getByText('online', { exact: false }).first().waitFor();
    expect(await room.page.getByText('Connection lost').count()).toBe(0);
  });

  test('keeps no secret in its address', () => {
    expect(room.page.url()).not.toContain('ticket');
    expect(new URL(room.page.url()).hash).toBe('');
  });
});
