import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { useStage } from '../support/stage.ts';

describe(`the room of a fresh repository in ${currentFace()}`, () => {
  const stage = useStage();

  test('connects to the engine', async () => {
    await stage.page.getByText('online', { exact: false }).first().waitFor();
    await expect.poll(() => stage.page.getByText('Connection lost').count()).toBe(0);
  });

  test('keeps no secret in its address', () => {
    expect(stage.page.url()).not.toContain('ticket');
    expect(new URL(stage.page.url()).hash).toBe('');
  });
});
