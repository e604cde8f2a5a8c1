import type { AgentView } from '../../contract/agents.ts';
import { showableLine } from '../stores/showable.ts';
import { callEngine } from './calls.ts';
import { ConfirmDialog, NudgeDialog } from './dialogs.tsx';
import { openTerminal, openThread } from './navigation.ts';
import type { Action, ActionContext } from './registry.ts';
import { openDialog } from './roomActions.tsx';

/** Size of a new shell until its view measures itself: the usual terminal. */
const SHELL_SIZE = { cols: 80, rows: 24 } as const;

/** An action that needs an agent; `applies` narrows it further. */
function forAgent(
  id: string,
  verb: string,
  run: (agent: AgentView, context: ActionContext) => void | Promise<void>,
  more: {
    readonly applies?: (agent: AgentView) => boolean;
    readonly shortcut?: string;
    readonly keywords?: string;
    readonly live?: boolean;
  } = {},
): Action {
  return {
    id,
    group: 'Agent',
    title: ({ agent }) => (agent === null ? verb : `${verb} · ${showableLine(agent.name)}`),
    ...(more.shortcut === undefined ? {} : { shortcut: more.shortcut }),
    ...(more.keywords === undefined ? {} : { keywords: more.keywords }),
    ...(more.live === undefined ? {} : { live: more.live }),
    when: ({ agent }) => agent !== null && (more.applies?.(agent) ?? true),
    run: (context) => (context.agent === null ? undefined : run(context.agent, context)),
  };
}

/** True while the agent has not come to its end. */
export function isAlive(agent: AgentView): boolean {
  return agent.status !== 'done' && agent.status !== 'dead';
}

/** True when another attempt makes sense: it died, or a failed turn waits for its next attempt. */
export function canRetry(agent: AgentView): boolean {
  if (isTakenOver(agent)) return false;
  return agent.status === 'dead' || agent.status === 'stalled' || agent.retry !== null || isHeld(agent);
}

/** True while a person types in this agent's conversation. */
export function isTakenOver(agent: AgentView): boolean {
  return agent.hold?.kind === 'takenOver';
}

/** True when the agent waits for a login, a quota, or a person's word after a restart. */
function isHeld(agent: AgentView): boolean {
  return agent.hold !== null && agent.hold !== undefined;
}

/** True when its conversation can be opened for a person. */
export function canTakeOver(agent: AgentView): boolean {
  return isAlive(agent) && !isTakenOver(agent);
}

/** What can be done to one agent. */
export const agentActions: readonly Action[] = [
  forAgent(
    'agent.openTerminal',
    'Open terminal',
    (agent, { room }) => openTerminal(room, agent.terminalId, agent.name),
    {
      keywords: 'transcript watch',
    },
  ),
  forAgent(
    'agent.nudge',
    'Nudge',
    (agent, { room }) => openDialog(room, (close) => <NudgeDialog agent={agent} close={close} />),
    { live: true, applies: isAlive, keywords: 'wake tell', shortcut: 'Shift+N' },
  ),
  forAgent('agent.mail', 'Show mail', (agent, { room }) => openThread(room, `agent:${agent.name}`, null)),
  forAgent(
    'agent.shell',
    'Shell in worktree',
    async (agent, { room }) => {
      const opened = await callEngine(room, 'terminals.openShell', { agentName: agent.name, size: SHELL_SIZE });
      if (opened.ok) openTerminal(room, opened.value.id, agent.name);
    },
    { live: true, keywords: 'bash command line' },
  ),
  forAgent(
    'agent.retry',
    'Retry',
    async (agent, { room }) => {
      const done = await callEngine(room, 'agents.retry', { agentName: agent.name });
      if (done.ok) room.notices.say('info', `${agent.name} tries again on the same conversation.`);
    },
    { live: true, applies: canRetry, keywords: 'again resume recover' },
  ),
  forAgent(
    'agent.takeOver',
    'Take over',
    async (agent, { room }) => {
      const taken = await callEngine(room, 'agents.takeOver', { agentName: agent.name });
      if (taken.ok) openTerminal(room, taken.value.terminalId, agent.name);
    },
    { live: true, applies: canTakeOver, keywords: 'type interactive hands conversation' },
  ),
  forAgent(
    'agent.handBack',
    'Hand back',
    async (agent, { room }) => {
      const back = await callEngine(room, 'agents.handBack', { agentName: agent.name });
      if (back.ok) room.notices.say('info', `${showableLine(agent.name)} goes on by itself at its next mail.`);
    },
    { live: true, applies: isTakenOver, keywords: 'return engine headless' },
  ),
  forAgent(
    'agent.stop',
    'Stop…',
    (agent, { room }) =>
      openDialog(room, (close) => (
        <ConfirmDialog
          title={`Stop ${showableLine(agent.name)}?`}
          text={
            agent.turn === null
              ? 'The agent is ended. Its worktree, branch and mail stay.'
              : 'Its running turn is terminated and the agent is ended. Its worktree, branch and mail stay.'
          }
          confirm="Stop agent"
          close={close}
          onConfirm={() => void callEngine(room, 'agents.stop', { agentName: agent.name })}
        />
      )),
    { live: true, applies: (agent) => agent.status !== 'done', keywords: 'kill end terminate' },
  ),
  {
    id: 'terminal.openShell',
    group: 'Terminal',
    title: () => 'Shell in the project',
    keywords: 'bash command line root',
    live: true,
    run: async ({ room }) => {
      const opened = await callEngine(room, 'terminals.openShell', { size: SHELL_SIZE });
      if (opened.ok) openTerminal(room, opened.value.id, null);
    },
  },
];
