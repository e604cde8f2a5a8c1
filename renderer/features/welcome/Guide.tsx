import { X } from 'lucide-react';
import { useEffect } from 'react';
import { readyTasks } from '../../../contract/tasks.ts';
import { openTerminal } from '../../actions/navigation.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { useClock, useRoom, useTopic, useUi } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';
import { chooseTarget } from '../board/boardDialogs.tsx';
import { canMergeBranch } from '../merge/agentMergeActions.ts';
import styles from './Guide.module.css';
import { GUIDE_NUMBERS, type GuideStep, guideStep } from './guideRules.ts';

interface Hint {
  readonly text: string;
  readonly button: string;
  /** Where the real control is: it gets a frame while the step lasts. */
  readonly points: string;
  show(room: Room): void;
}

const tasksOf = (room: Room) => Object.values(room.topics.tasks.getState().state.byId);

const HINTS: Readonly<Record<GuideStep, Hint>> = {
  write: {
    text: 'Write a task: a title, and a spec that says what is to be done. The agent reads nothing else.',
    button: 'New task…',
    points: '[aria-label^="New task in Ready"]',
    show: (room) => void room.actions.run('task.create', room),
  },
  sling: {
    text: 'Sling it: drag the card onto a role, or stand on it and press S. What speaks against it is told before anything starts.',
    button: 'Sling the task…',
    points: '[data-task]',
    show(room) {
      room.actions.run('go.board', room);
      const [first] = readyTasks(tasksOf(room));
      if (first !== undefined) chooseTarget(room, first.id);
    },
  },
  watch: {
    text: 'An agent works in a worktree of its own. Its terminal shows each step; nothing of yours is touched.',
    button: 'Show its terminal',
    points: '[role="tree"] [role="treeitem"]',
    show(room) {
      const [agent] = Object.values(room.topics.agents.getState().state.byId);
      if (agent !== undefined) openTerminal(room, agent.terminalId, agent.name);
    },
  },
  answer: {
    text: 'The agent needs you. Answer in the attention queue: a number key chooses, Enter sends words of your own.',
    button: 'Show what waits',
    points: '[aria-label="Attention"]',
    show: (room) => void room.actions.run('go.fleet', room),
  },
  merge: {
    text: 'The work is done and waits on its branch. Merge it: conflicts, checks and lost lines are looked at before your branch moves.',
    button: 'Merge the branch',
    points: 'nav [data-screen="merge"]',
    show(room) {
      room.actions.run('go.merge', room);
      const merges = room.topics.merges.getState().state.byId;
      const agents = Object.values(room.topics.agents.getState().state.byId);
      const done = agents.find((agent) => canMergeBranch(agent, merges));
      if (done !== undefined) room.actions.run('agent.merge', room, done.name);
    },
  },
  merged: {
    text: 'Merged. That is the whole way: write, sling, watch, merge. A coordinator does it for many tasks at once.',
    button: 'Done',
    points: '',
    show: (room) => room.ui.setState({ guide: 'done' }),
  },
};

/** Frames the control a step is about, wherever it stands now; looked for again each second, because screens come and go. */
function usePointer(selector: string): void {
  const second = useClock((now) => Math.floor(now / 1_000));
  // biome-ignore lint/correctness/useExhaustiveDependencies: each second looks again.
  useEffect(() => {
    if (selector === '') return;
    const control = document.querySelector(selector);
    control?.setAttribute('data-guided', '');
    return () => control?.removeAttribute('data-guided');
  }, [selector, second]);
}

function Steps() {
  const room = useRoom();
  const tasks = useTopic('tasks', ({ byId }) => byId);
  const agents = useTopic('agents', ({ byId }) => byId);
  const merges = useTopic('merges', ({ byId }) => byId);
  const attention = useTopic('attention', ({ byId }) => byId);
  const step = guideStep({ tasks, agents, merges, attention });
  const hint = HINTS[step];
  usePointer(hint.points);
  return (
    <aside className={styles.guide} aria-label="First sling">
      <span className={styles.number}>First sling · {GUIDE_NUMBERS[step]} of 4</span>
      <span className={styles.text} role="status">
        {hint.text}
      </span>
      <Button small tone="primary" onClick={() => hint.show(room)}>
        {hint.button}
      </Button>
      <IconButton label="End the guide" onClick={() => room.ui.setState({ guide: 'done' })}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </aside>
  );
}

/** The guided first sling: one line above the screen, never in the way, gone for good when it is ended. */
export function Guide() {
  const on = useUi((state) => state.guide === 'on');
  return on ? <Steps /> : null;
}
