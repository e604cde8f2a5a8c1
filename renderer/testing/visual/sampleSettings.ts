import type { SettingView } from '../../../contract/config.ts';
import type { RuntimeView } from '../../../contract/runtimes.ts';
import { ago } from '../fixtures.ts';
import type { PlayedRoom } from '../playedRoom.ts';
import { play } from './play.ts';

const FEATURES: RuntimeView['features'] = {
  turns: 'structured',
  resume: true,
  usage: 'turn',
  cost: 'process',
  guards: 'enforced',
  guardNote: 'a hook asks before each call',
};

function runtime(name: string, version: string | null, more: Partial<RuntimeView>): RuntimeView {
  return {
    name,
    ready: version !== null,
    version,
    loggedIn: version === null ? null : true,
    detail: version === null ? `not installed: put ${name} on the PATH` : `${name} ${version}`,
    warning: null,
    stability: 'stable',
    features: FEATURES,
    headless: true,
    interactive: true,
    usedBy: [],
    ...more,
  };
}

const RUNTIMES: RuntimeView[] = [
  runtime('claude', '2.1.4', {
    usedBy: ['default', 'coordinator'],
    guard: { level: 'enforced', verified: true, note: 'a hook asks before each call' },
  }),
  runtime('codex', '0.61.0', {
    usedBy: ['reviewer'],
    features: {
      ...FEATURES,
      usage: 'thread',
      cost: 'none',
      guards: 'advisory',
      guardNote: 'nothing asks before a call; the rules stand in its instructions',
    },
  }),
  runtime('gemini', '0.17.2', {
    ready: false,
    loggedIn: false,
    detail: 'not logged in: run gemini and follow it',
    stability: 'beta',
    features: { ...FEATURES, cost: 'none', guards: 'advisory', guardNote: 'its policy file is read at the start' },
  }),
  runtime('pi', null, {
    stability: 'experimental',
    interactive: false,
    features: { ...FEATURES, turns: 'text', usage: 'none', cost: 'none', guards: 'absent', guardNote: 'none' },
  }),
];

const setting = (
  key: string,
  value: SettingView['value'],
  from: SettingView['from'] = 'default',
  effect: SettingView['effect'] = 'now',
): SettingView => ({ key, value, from, effect });

const SETTINGS: SettingView[] = [
  setting('project.name', 'billing-service', 'project', 'restart'),
  setting('project.canonicalBranch', 'main', 'project', 'nextMerge'),
  setting(
    'project.qualityGates',
    [{ name: 'Tests', command: 'npm test', description: 'all tests must pass' }],
    'project',
    'nextMerge',
  ),
  setting('runtime.default', 'claude', 'project', 'nextAgent'),
  setting('runtime.capabilities.reviewer', 'codex', 'local', 'nextAgent'),
  setting('models.coordinator', 'opus', 'project', 'nextAgent'),
  setting('models.reviewer', 'haiku', 'local', 'nextAgent'),
  setting('agents.maxConcurrent', 12, 'project'),
  setting('watchdog.tier0IntervalMs', 30_000),
];

/** Plays settings, runtimes, the notices of the last day and the projects of the machine. */
export function playSettings(played: PlayedRoom): void {
  play(played, 'config.read', () => ({
    version: 'v1',
    settings: SETTINGS,
    warnings: [],
    problem: null,
    files: ['project', 'local'],
  }));
  play(played, 'agents.runtimes', () => ({ runtimes: RUNTIMES }));
  play(played, 'notices.past', () => ({
    from: ago(86_400),
    notices: [
      {
        at: ago(48),
        kind: 'gate',
        title: 'tax-rounding wants a decision',
        body: 'Round half even or half up?',
        agent: 'tax-rounding',
        silent: null,
      },
      {
        at: ago(120),
        kind: 'conflict',
        title: 'pdf-writer conflicts with main',
        body: 'src/export/pdf.ts and package.json',
        agent: 'pdf-writer',
        silent: null,
      },
    ],
  }));
  const project = (id: string, name: string, secondsAgo: number, live: boolean) => ({
    id: id.repeat(16),
    root: `/home/operator/${name}`,
    name,
    openedAt: ago(secondsAgo),
    live,
    attention: live ? 3 : null,
    working: live ? 6 : null,
    current: name === 'billing-service',
  });
  play(played, 'projects.list', () => ({
    projects: [project('a', 'billing-service', 2_300, true), project('b', 'web-shop', 90_000, false)],
  }));
}
