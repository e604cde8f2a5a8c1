import type { BrowserContext, Page } from 'playwright-core';
import { DEED_EVENT } from '../../renderer/actions/deeds.ts';

/** By what an action was set off: a control of its own by mouse, its entry in the palette by mouse, or the keyboard. */
export type Means = 'mouse' | 'palette' | 'keyboard';

/** Runs in the page: sees every press before the page does, and tells by what the last one before an action was made. */
function watch(event: string): void {
  const page = window as unknown as { toldDeed(deed: string): void; watchesDeeds?: true };
  if (page.watchesDeeds) return;
  page.watchesDeeds = true;
  let means: Means | null = null;
  const inPalette = (target: EventTarget | null): boolean =>
    target instanceof Element && target.closest('[role="dialog"][aria-label="Command palette"]') !== null;
  const pressed = ({ target }: MouseEvent): void => {
    means = inPalette(target) ? 'palette' : 'mouse';
  };
  window.addEventListener('pointerdown', pressed, true);
  const typed = (): void => {
    means = 'keyboard';
  };
  window.addEventListener('keydown', typed, true);
  window.addEventListener(event, ({ detail }: CustomEventInit<string>) => {
    if (means !== null) page.toldDeed(`${detail} ${means}`);
  });
}

/** Collects which actions run in the pages of a context, and by what. */
export async function collectDeeds(context: BrowserContext, open: Page): Promise<ReadonlySet<string>> {
  const deeds = new Set<string>();
  await context.exposeBinding('toldDeed', (_source, deed: string) => void deeds.add(deed));
  await context.addInitScript(watch, DEED_EVENT);
  await open.evaluate(watch, DEED_EVENT);
  return deeds;
}
