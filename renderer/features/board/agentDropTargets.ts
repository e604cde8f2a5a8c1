import { dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';

/** Rows of agents anywhere in the room carry their name in this attribute (AgentTree, FleetTable). */
const ROW = 'data-drop-agent';
/** Set on the row under the pointer; AgentTree.module.css colours it. */
const OVER = 'data-drop-over';
/** Set on a preflight panel: the pointer in it still means its agent. */
export const PANEL_OF = 'data-preflight-agent';

/** The agent under a point of the page: its row, or the panel that opened under the row. */
export function agentAt(page: Pick<Document, 'elementFromPoint'>, x: number, y: number): string | null {
  const element = page.elementFromPoint(x, y);
  const found = element?.closest(`[${ROW}], [${PANEL_OF}]`) ?? null;
  return found?.getAttribute(ROW) ?? found?.getAttribute(PANEL_OF) ?? null;
}

/** Marks the row of that agent and no other. */
export function markAgentRow(page: Document, name: string | null): void {
  for (const row of page.querySelectorAll(`[${ROW}]`)) row.toggleAttribute(OVER, row.getAttribute(ROW) === name);
}

/**
 * Makes every list of agents in the page a drop target while a task is dragged. The target is the list and not the row:
 * rows come and go under the pointer with the virtual list, the list stays. Returns the end of it.
 *
 * @param targetData what a drop on an agent's row means; null where there is no row.
 */
export function wireAgentDropTargets(
  page: Document,
  targetData: (agentName: string | null) => Record<string, unknown>,
): () => void {
  const lists = new Set<HTMLElement>();
  for (const row of page.querySelectorAll(`[${ROW}]`)) {
    const list = row.closest<HTMLElement>('[role="tree"], [role="grid"]');
    if (list !== null) lists.add(list);
  }
  const ends = [...lists].map((element) =>
    dropTargetForElements({
      element,
      getData: ({ input }) => targetData(agentAt(page, input.clientX, input.clientY)),
    }),
  );
  return () => {
    for (const end of ends) end();
    markAgentRow(page, null);
  };
}
