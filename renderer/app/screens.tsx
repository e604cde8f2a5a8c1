import type { ComponentType } from 'react';
import type { Action } from '../actions/registry.ts';
import { BoardScreen } from '../features/board/BoardScreen.tsx';
import { boardActions } from '../features/board/boardActions.tsx';
import { CostsScreen } from '../features/costs/CostsScreen.tsx';
import { costsActions } from '../features/costs/costsActions.tsx';
import { FleetScreen } from '../features/fleet/FleetScreen.tsx';
import { HealthScreen } from '../features/health/HealthScreen.tsx';
import { healthActions } from '../features/health/healthActions.tsx';
import { keyActions } from '../features/keys/keyActions.tsx';
import { MailScreen } from '../features/mail/MailScreen.tsx';
import { mailActions } from '../features/mail/mailActions.tsx';
import { agentMergeActions } from '../features/merge/agentMergeActions.ts';
import { MergeScreen } from '../features/merge/MergeScreen.tsx';
import { mergeActions } from '../features/merge/mergeActions.tsx';
import { projectActions } from '../features/projects/projectActions.tsx';
import { replayActions } from '../features/replay/replayActions.tsx';
import { reviewActions } from '../features/review/reviewActions.tsx';
import { SettingsScreen } from '../features/settings/SettingsScreen.tsx';
import { settingsActions } from '../features/settings/settingsActions.tsx';
import { TerminalsScreen } from '../features/terminals/TerminalsScreen.tsx';
import { terminalActions } from '../features/terminals/terminalActions.tsx';
import { TimelineScreen } from '../features/timeline/TimelineScreen.tsx';
import { welcomeActions } from '../features/welcome/welcomeActions.ts';
import type { ScreenId } from '../stores/preferences.ts';

/** The component of every screen; a screen mounts when it comes to the front and unmounts when it leaves. */
export const SCREEN_COMPONENTS: Readonly<Partial<Record<ScreenId, ComponentType>>> = {
  fleet: FleetScreen,
  terminals: TerminalsScreen,
  mail: MailScreen,
  board: BoardScreen,
  timeline: TimelineScreen,
  merge: MergeScreen,
  costs: CostsScreen,
  health: HealthScreen,
  settings: SettingsScreen,
};

/** Screens that can show a moment of the past; the others are about what is here now. */
export const SCREENS_WITH_PAST: ReadonlySet<string> = new Set([
  'fleet',
  'terminals',
  'mail',
  'board',
  'timeline',
  'merge',
  'costs',
  'health',
]);

/** Actions that belong to one screen but can be called from everywhere. */
export const screenActions: readonly Action[] = [
  ...mailActions,
  ...boardActions,
  ...terminalActions,
  ...mergeActions,
  ...agentMergeActions,
  ...reviewActions,
  ...keyActions,
  ...costsActions,
  ...projectActions,
  ...welcomeActions,
  ...replayActions,
  ...healthActions,
  ...settingsActions,
];
