import { AgentName } from '../../contract/ids.ts';
import { ProjectId } from '../../contract/projects.ts';
import type { ShellTarget } from '../../contract/shell.ts';

/** Scheme of our deep links. */
export const LINK_SCHEME = 'overstory';

/** Where a link leads: a place, and the id of the project it is in; null for the one in front. */
export interface DeepLink {
  readonly target: ShellTarget;
  readonly project: string | null;
}

/**
 * Reads `overstory://project/agent/<name>` (that agent's terminal) and `overstory://project/<screen>`; null for anything
 * else. `?id=` names another project than the one in front. A link comes from outside, so only these shapes pass.
 */
export function parseDeepLink(link: string): DeepLink | null {
  if (!URL.canParse(link)) return null;
  const url = new URL(link);
  if (url.protocol !== `${LINK_SCHEME}:` || url.host !== 'project') return null;
  const named = url.searchParams.get('id');
  const project = named === null ? null : ProjectId.safeParse(named);
  if (project?.success === false) return null;
  const target = parseTarget(url);
  return target === null ? null : { target, project: project?.data ?? null };
}

function parseTarget(url: URL): ShellTarget | null {
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
