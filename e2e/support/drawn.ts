import type { Page } from 'playwright-core';

/** Waits until the page has drawn what it knows, with its own fonts. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
}
