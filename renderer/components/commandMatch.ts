/** Points of a word that begins a word of the title, and of one that only begins a word of the other keywords. */
const TITLE = 1;
const KEYWORD = 0.4;

/** Where in `text` a word begins with `part`: its index, or -1. Case does not matter. */
function wordStart(text: string, part: string): number {
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(part); at >= 0; at = lower.indexOf(part, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(lower.charAt(at - 1))) return at;
  }
  return -1;
}

/**
 * How well a command fits what was typed, from 0 (not at all) to 1: every word typed must begin a word of its title or
 * keywords. Letters scattered over a text are no match: "theme" is not in "Shell in the project, command line".
 * @param keywords the title first, then everything else it is found by.
 */
export function matchCommand(typed: string, keywords: readonly string[]): number {
  const parts = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((part) => part !== '');
  const [title = '', ...others] = keywords;
  const rest = others.join(' ');
  let score = 0;
  for (const part of parts) {
    const at = wordStart(title, part);
    if (at < 0 && wordStart(rest, part) < 0) return 0;
    // Among titles the one that begins with it comes first.
    score += at < 0 ? KEYWORD : TITLE - Math.min(at, 50) / 200;
  }
  return parts.length === 0 ? 1 : score / parts.length;
}

/** Commands under one heading. */
export interface RankedGroup<Command> {
  readonly heading: string;
  readonly commands: readonly Command[];
}

/**
 * What fits, the best first: the group with the best match leads, so that its first command is the best of them all.
 * Equal matches keep their order; a group in which nothing fits is left out.
 */
export function rankCommands<Command extends { readonly keywords: readonly string[] }>(
  typed: string,
  groups: readonly RankedGroup<Command>[],
): readonly RankedGroup<Command>[] {
  return groups
    .map(({ heading, commands }) => {
      const fitting = commands
        .map((command) => ({ command, score: matchCommand(typed, command.keywords) }))
        .filter(({ score }) => score > 0)
        .toSorted((a, b) => b.score - a.score);
      return { heading, commands: fitting.map(({ command }) => command), best: fitting[0]?.score ?? 0 };
    })
    .filter(({ best }) => best > 0)
    .toSorted((a, b) => b.best - a.best)
    .map(({ heading, commands }) => ({ heading, commands }));
}
