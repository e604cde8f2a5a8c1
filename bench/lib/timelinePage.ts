import type { Page } from 'playwright-core';

/** Scrolls the Timeline's list of events up, page for page, until so many are held; leaves it at its end again. */
export async function loadEvents(page: Page, events: number): Promise<void> {
  await page.waitForSelector('[role="listbox"][aria-label="Events"]');
  await page.evaluate(async (wanted) => {
    const list = document.querySelector('[role="listbox"][aria-label="Events"]');
    if (list === null) throw new Error('the Timeline has no list of events');
    const held = () => Number(/([\d\s.,\u00a0\u202f]+) events?/.exec(document.body.innerText)?.[1]?.replace(/\D/g, ''));
    const until = performance.now() + 120_000;
    while (held() < wanted && performance.now() < until) {
      list.scrollTop = list.scrollTop < 200 ? 300 : 0;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (held() < wanted) throw new Error(`the Timeline holds ${held()} events`);
    list.scrollTop = list.scrollHeight;
  }, events);
}
