import type { Terminal } from '@xterm/xterm';
import { describe, expect, test } from 'vitest';
import { createGraphicsLeases, type Graphics, isSoftware, MOST_LEASES } from './graphics.ts';

/** Terminals that only count their renderers, and a processor of which the test decides everything. */
function setUp(graphics: Graphics = 'hardware', options: { readonly failing?: boolean } = {}) {
  const said: string[] = [];
  let probes = 0;
  let lose: () => void = () => {};
  const leases = createGraphicsLeases({
    probe() {
      probes += 1;
      return graphics;
    },
    load: async () => () => ({
      activate() {},
      dispose: () => said.push('disposed'),
      onContextLoss(listener) {
        lose = listener;
        return { dispose() {} };
      },
    }),
    loseContexts: () => said.push('context given back'),
  });
  const terminal = (): Terminal =>
    ({
      loadAddon() {
        if (options.failing === true) throw new Error('no context');
      },
    }) as unknown as Terminal; // Only the one method is used.
  return {
    leases,
    said,
    lease: () => leases.lease(terminal(), () => said.push('DOM draws')),
    lose: () => lose(),
    get probes() {
      return probes;
    },
  };
}
const loaded = () => Promise.resolve().then(() => {});

describe('leases of the graphics processor', () => {
  test.each([
    ['ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)', true],
    ['llvmpipe (LLVM 19.1.7, 256 bits)', true],
    ['ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11)', true],
    ['ANGLE (NVIDIA, NVIDIA GeForce RTX 4070 Direct3D11)', false],
    ['Apple M3', false],
  ])('%s: software %s', (renderer, software) => expect(isSoftware(renderer)).toBe(software));

  test.each(['software', 'none'] as const)('with %s the DOM draws, and that is asked once', async (graphics) => {
    const set = setUp(graphics);
    set.lease();
    set.lease();
    await loaded();
    expect(set.leases.held).toBe(0);
    expect(set.probes).toBe(1);
  });

  test('a release gives the context back before the renderer goes', async () => {
    const set = setUp();
    const release = set.lease();
    await loaded();
    expect(set.leases.held).toBe(1);
    release();
    release();
    expect(set.said).toEqual(['context given back', 'disposed', 'DOM draws']);
    expect(set.leases.held).toBe(0);
  });

  test('a terminal released while the renderer is loaded gets none', async () => {
    const set = setUp();
    set.lease()();
    await loaded();
    expect(set.leases.held).toBe(0);
  });

  test('there are never more than a page has contexts for', async () => {
    const set = setUp();
    for (let count = 0; count < MOST_LEASES + 3; count += 1) set.lease();
    await loaded();
    expect(set.leases.held).toBe(MOST_LEASES);
  });

  test('after a lost context the DOM draws everything, for good', async () => {
    const set = setUp();
    set.lease();
    set.lease();
    await loaded();
    set.lose();
    expect(set.said.filter((one) => one === 'DOM draws')).toHaveLength(2);
    set.lease();
    await loaded();
    expect(set.leases.held).toBe(0);
  });

  test('a renderer that cannot start leaves the DOM to draw', async () => {
    const set = setUp('hardware', { failing: true });
    set.lease();
    await loaded();
    expect(set.leases.held).toBe(0);
  });
});
