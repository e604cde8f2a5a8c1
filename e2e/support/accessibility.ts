import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** WCAG 2.2 A and AA, and what is good practice beside them. */
const RULES: RunOptions = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
  resultTypes: ['violations'],
};

/** Lines between panes divide the landmarks and lie in none; what a program writes into its terminal has the program's colours. */
const EXCEPT = { exclude: [['[role="separator"]'], ['.xterm-rows']] };

/** What axe finds wrong with the page as it is now: a line for each thing, with the rule and the element. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  const loaded = await page.evaluate(() => 'axe' in window);
  if (!loaded) await page.evaluate(await readFile(AXE, 'utf8'));
  const found = await page.evaluate(
    async ([rules, exceptions]) => {
      const { axe } = window as unknown as { axe: { run(context: unknown, options: unknown): Promise<AxeResults> } };
      const { violations } = await axe.run(exceptions, rules);
      const within = (selector: string, target: unknown): boolean =>
        typeof target === 'string' && document.querySelector(target)?.closest(selector) != null;
      // A list whose arrows walk and scroll it is one stop of the Tab key; what scrolls inside needs none of its own.
      const walked = ['grid', 'tree', 'listbox'].map((role) => `[role="${role}"][tabindex="0"]`).join();
      const fine = (rule: string, target: unknown): boolean =>
        (rule === 'scrollable-region-focusable' && within(walked, target)) ||
        // Menus and tooltips float over the landmarks.
        (rule === 'region' && within('[role="menu"], [data-base-ui-portal]', target)) ||
        // What a button is described by is seen with its name without being part of it.
        (rule === 'label-content-name-mismatch' && within('[aria-describedby]', target));
      return violations.map((violation) => ({
        ...violation,
        nodes: violation.nodes.filter(({ target }) => !fine(violation.id, target[0])),
      }));
    },
    [RULES, EXCEPT] as const,
  );
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
      return `${id} (${help}): ${target.join(' ')} ${html.slice(0, 160)} - ${why.slice(0, 300)}`;
    }),
  );
}
