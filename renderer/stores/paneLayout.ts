import { z } from 'zod';

/** One place that shows a terminal. */
export interface LayoutPane {
  /** Number of the place within its layout; stays with it while terminals come and go. */
  readonly pane: number;
  /** Id of the terminal in it. */
  readonly terminal: string;
}
/** Two parts side by side (`right`) or one above the other (`down`). */
export interface LayoutSplit {
  readonly split: 'right' | 'down';
  readonly first: PaneLayout;
  readonly second: PaneLayout;
}
/** How the Terminals screen is divided. A terminal stands in one pane at most. */
export type PaneLayout = LayoutPane | LayoutSplit;
export type SplitDirection = LayoutSplit['split'];

/** Panes at most: fewer than the terminals that may be live at a time, so that one can always come. */
export const MOST_PANES = 6;

/** A layout as it is kept between visits. */
export const PaneLayoutSchema: z.ZodType<PaneLayout> = z.lazy(() =>
  z.union([
    z.object({ pane: z.number().int().min(0).max(1_000), terminal: z.string().max(200) }),
    z.object({ split: z.enum(['right', 'down']), first: PaneLayoutSchema, second: PaneLayoutSchema }),
  ]),
);

/** The panes in reading order. */
export function panesIn(layout: PaneLayout | null): readonly LayoutPane[] {
  if (layout === null) return [];
  return 'pane' in layout ? [layout] : [...panesIn(layout.first), ...panesIn(layout.second)];
}

/** The layout without panes whose terminal is unwanted, or stands in an earlier pane already; null when none is left. */
export function prunePanes(layout: PaneLayout | null, wanted: (terminal: string) => boolean): PaneLayout | null {
  const seen = new Set<string>();
  const prune = (part: PaneLayout): PaneLayout | null => {
    if ('pane' in part) {
      if (seen.has(part.terminal) || !wanted(part.terminal) || seen.size >= MOST_PANES) return null;
      seen.add(part.terminal);
      return part;
    }
    const first = prune(part.first);
    const second = prune(part.second);
    if (first === null || second === null) return first ?? second;
    return first === part.first && second === part.second ? part : { ...part, first, second };
  };
  return layout === null ? null : prune(layout);
}

/** Puts another terminal into a pane. */
export function putTerminal(layout: PaneLayout, pane: number, terminal: string): PaneLayout {
  if ('pane' in layout) return layout.pane === pane ? { pane, terminal } : layout;
  return {
    ...layout,
    first: putTerminal(layout.first, pane, terminal),
    second: putTerminal(layout.second, pane, terminal),
  };
}

/** Divides a pane; the new one comes right of it or below it. */
export function splitPane(
  layout: PaneLayout,
  pane: number,
  direction: SplitDirection,
  terminal: string,
): { readonly layout: PaneLayout; readonly added: number } {
  const added = Math.max(...panesIn(layout).map((held) => held.pane)) + 1;
  const divide = (part: PaneLayout): PaneLayout => {
    if (!('pane' in part)) return { ...part, first: divide(part.first), second: divide(part.second) };
    return part.pane === pane ? { split: direction, first: part, second: { pane: added, terminal } } : part;
  };
  return { layout: divide(layout), added };
}

/** A name for one split that stays while its parts do: what its sizes are kept under. */
export function splitKey(split: LayoutSplit): string {
  const first = panesIn(split.first).map(({ pane }) => pane);
  const second = panesIn(split.second).map(({ pane }) => pane);
  return `${split.split}-${Math.min(...first)}-${Math.min(...second)}`;
}
