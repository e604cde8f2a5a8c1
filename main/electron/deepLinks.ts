import { AgentName } from '../../contract/ids.ts';
import type { ShellTarget } from '../../contract/shell.ts';

/** Scheme of our deep links. */
export const LINK_SCHEME = 'overstory';

/**
 * Reads `overstory://project/agent/<name>` (that agent's terminal) and `overstory://project/<screen>`; null for anything
 * else. A link comes from outside, so only these shapes pass.
 */
export function parseDeepLink(link: string): ShellTarget | null {
  if (!URL.canParse(link)) return null;
  const url = new URL(link);
  if (url.protocol !== `${LINK_SCHEME}:` || url.host !== 'project') return null;
  const [first, second, ...rest] = url.pathname.split('/').filter((part) => part !== '');
  if (rest.length > 0) return null;
  if (first === 'agent' && second !== undefined) {
    const name = AgentName.safeParse(second);
    return name.success ? { screen: 'terminals', agent: name.data } : null;
  }
  if (second !== undefined) return null;
  const screens = { fleet: 'fleet', mail: 'mail', board: 'board', timeline: 'timeline', merge: 'merge' } as const;
  const screen = Object.entries(screens).find(([name]) => name === first)?.[1];
  return screen === undefined ? null : { screen };
}
