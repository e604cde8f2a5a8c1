import {
  ChartGantt,
  CircleDollarSign,
  GitMerge,
  HeartPulse,
  Kanban,
  Layers,
  type LucideIcon,
  Mail,
  Settings,
  SquareTerminal,
} from 'lucide-react';
import { OPERATOR } from '../../../contract/ids.ts';
import { SCREEN_TITLES } from '../../actions/roomActions.tsx';
import { cx } from '../../components/cx.ts';
import { Tooltip } from '../../components/Tooltip.tsx';
import { useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import { SCREENS, type ScreenId } from '../../stores/preferences.ts';
import styles from './Rail.module.css';

const ICONS: Readonly<Record<ScreenId, LucideIcon>> = {
  fleet: Layers,
  terminals: SquareTerminal,
  mail: Mail,
  board: Kanban,
  timeline: ChartGantt,
  merge: GitMerge,
  costs: CircleDollarSign,
  health: HeartPulse,
  settings: Settings,
};

/** Badge of a screen: attention for Fleet, the operator's unread mail for Mail, nothing elsewhere. */
function useBadge(screen: ScreenId): number {
  // A button selects nothing but its own number, so that a mail renders one of them.
  const attention = useTopic('attention', ({ byId }) => (screen === 'fleet' ? Object.keys(byId).length : 0));
  const unread = useTopic('mail', ({ byId }) =>
    screen === 'mail' ? Object.values(byId).filter(({ to, read }) => to === OPERATOR && !read).length : 0,
  );
  return attention + unread;
}

function RailButton({ screen }: { readonly screen: ScreenId }) {
  const room = useRoom();
  const current = useUi((state) => state.screen === screen);
  const badge = useBadge(screen);
  const Icon = ICONS[screen];
  return (
    <Tooltip text={SCREEN_TITLES[screen]} action={`go.${screen}`}>
      <button
        type="button"
        data-screen={screen}
        className={cx(styles.item, current && styles.current)}
        aria-current={current ? 'page' : undefined}
        onClick={() => room.actions.run(`go.${screen}`, room)}
      >
        <Icon size={17} strokeWidth={1.6} aria-hidden="true" />
        <span className={styles.label}>{SCREEN_TITLES[screen]}</span>
        {badge > 0 ? (
          <span className={styles.badge}>
            {badge > 99 ? '99+' : badge}
            <span className="visually-hidden">{screen === 'mail' ? ' unread' : ' waiting'}</span>
          </span>
        ) : null}
      </button>
    </Tooltip>
  );
}

/** The screens, in the order of their numbers. */
export function Rail() {
  return (
    <nav className={styles.rail} aria-label="Screens">
      {SCREENS.map((screen) => (
        <RailButton key={screen} screen={screen} />
      ))}
    </nav>
  );
}
