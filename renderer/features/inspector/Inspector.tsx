import { X } from 'lucide-react';
import { useMemo } from 'react';
import type { AgentView } from '../../../contract/agents.ts';
import { capWords, forecastWords, SCOPE_WORDS } from '../../../contract/capWords.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import type { MailMessage } from '../../../contract/mail.ts';
import { canRetry, canTakeOver, isAlive, isTakenOver } from '../../actions/agentActions.tsx';
import { openThread } from '../../actions/navigation.ts';
import { Age } from '../../components/Age.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { Fact, Facts } from '../../components/Facts.tsx';
import { Glyph } from '../../components/Glyph.tsx';
import { STATUS_WORDS, StatusMark } from '../../components/StatusMark.tsx';
import { Line, Name, PathLine } from '../../components/Text.tsx';
import { clockTime, dollars, longDuration } from '../../stores/format.ts';
import { useAgent, useClock, useMail, useRoom, useStatus, useTopic, useUi } from '../../stores/hooks.ts';
import { agentMailSelector, threadOf } from '../../stores/mailFolders.ts';
import { useFreshAnswer } from '../../stores/useAnswer.ts';
import { ChangesSection } from '../review/ChangesSection.tsx';
import styles from './Inspector.module.css';
import { WhyPanel } from './WhyPanel.tsx';

/** Mails of the agent the inspector lists; the Mail screen has them all. */
const MAILS_SHOWN = 8;

function RetryLine({ retry }: { readonly retry: NonNullable<AgentView['retry']> }) {
  const wait = useClock((now) => Math.max(0, Math.ceil((Date.parse(retry.nextAttemptAt) - now) / 1_000)));
  return (
    <>
      Attempt {retry.attempt} {wait > 0 ? `in ${longDuration(wait * 1_000)}` : 'now'}: <Line text={retry.reason} />
    </>
  );
}

/** The one line that says why the state is what it is; amber only where a person is wanted. */
function Reason({ agent }: { readonly agent: AgentView }) {
  const why = useTopic('evidence', ({ byId }) => byId[agent.name]?.reason);
  // What the lines above have said already.
  const told = agent.reason === why || (agent.status === 'done' && agent.reason === agent.activity);
  if ((agent.reason === null || told) && agent.retry === null) return null;
  return (
    <div
      className={cx(
        styles.reason,
        agent.status === 'needsYou' && styles.wanted,
        agent.status === 'dead' && styles.dead,
      )}
    >
      {agent.reason === null ? null : (
        <p>
          <b>{STATUS_WORDS[agent.status]}</b> — <Line text={agent.reason} />
        </p>
      )}
      {agent.retry === null ? null : (
        <p>
          <RetryLine retry={agent.retry} />
        </p>
      )}
    </div>
  );
}

function Actions({ agent }: { readonly agent: AgentView }) {
  const room = useRoom();
  const run = (id: string) => () => room.actions.run(id, room, agent.name);
  const wanted = agent.status === 'stalled' || agent.status === 'needsYou';
  return (
    <div className={styles.actions}>
      {canRetry(agent) ? (
        <Button small tone={agent.status === 'dead' ? 'primary' : 'plain'} live onClick={run('agent.retry')}>
          {agent.hold?.kind === 'resumeOffer' ? 'Resume' : 'Retry'}
        </Button>
      ) : null}
      {isAlive(agent) ? (
        <Button small tone={wanted && !canRetry(agent) ? 'primary' : 'plain'} live onClick={run('agent.nudge')}>
          Nudge
        </Button>
      ) : null}
      {isTakenOver(agent) ? (
        <Button small tone="primary" live onClick={run('agent.handBack')}>
          Hand back
        </Button>
      ) : canTakeOver(agent) ? (
        <Button small live onClick={run('agent.takeOver')}>
          Take over
        </Button>
      ) : null}
      <Button small onClick={run('agent.openTerminal')}>
        Open terminal
      </Button>
      <Button small live onClick={run('agent.shell')}>
        Shell in worktree
      </Button>
      <Button small live onClick={run('agent.compose')}>
        Write mail
      </Button>
      {agent.status === 'done' ? null : (
        <Button small tone="danger" live onClick={run('agent.stop')}>
          Stop…
        </Button>
      )}
    </div>
  );
}

/** The caps that hold this agent alone and those of its task, with what is to be expected of each. */
function CapFacts({ agent }: { readonly agent: AgentView }) {
  const room = useRoom();
  // Spending that stops is a rate that falls: looked at again each minute, and whenever a turn told what it cost.
  const minute = useClock((now) => Math.floor(now / 60_000));
  const known = useStatus((status) => status.project.root) !== null;
  const question = known && room.replay === null && agent.status !== 'done' ? { agentName: agent.name } : null;
  const { value } = useFreshAnswer('governor.caps', question, `${agent.turnCount} ${agent.costUsd} ${minute}`);
  return (value?.caps ?? []).map((cap) => {
    const forecast = forecastWords(cap);
    return (
      <Fact key={`${cap.scope} ${cap.measure}`} label={`cap of ${SCOPE_WORDS[cap.scope]}`}>
        {capWords(cap)}
        {forecast === '' ? null : `, ${forecast}`}
      </Fact>
    );
  });
}

function Work({ agent }: { readonly agent: AgentView }) {
  const root = useStatus((status) => status.project.root);
  // Within the project, which is known; a long path would show little but the way there.
  const worktree =
    root !== null && agent.worktree.startsWith(`${root}/`) ? agent.worktree.slice(root.length + 1) : agent.worktree;
  return (
    <>
      <h3 className={styles.heading}>Work</h3>
      <Facts>
        {agent.taskId === '' ? null : (
          <Fact label="task">
            <Line text={agent.taskId} className={styles.id} />{' '}
            {agent.taskTitle === null ? null : <Line text={agent.taskTitle} title />}
          </Fact>
        )}
        {agent.branch === '' ? null : (
          <Fact label="branch" mono>
            <PathLine text={agent.branch} />
          </Fact>
        )}
        <Fact label="worktree" mono>
          <PathLine text={worktree} />
        </Fact>
        <Fact label="runtime">
          <Line
            text={[...new Set([agent.runtime, agent.model ?? ''])].filter((part) => part !== '').join(' · ')}
            title
          />
        </Fact>
        {agent.guards === undefined || agent.guards === null ? null : <Fact label="guards">{agent.guards}</Fact>}
        {agent.parent === null ? null : (
          <Fact label="parent">
            <Name text={agent.parent} />
          </Fact>
        )}
        <Fact label="turns">{agent.turnCount}</Fact>
        <Fact label="cost">{agent.costUsd === null ? 'not reported' : `$${dollars(agent.costUsd)}`}</Fact>
        <CapFacts agent={agent} />
      </Facts>
    </>
  );
}

function MailLine({ message, agent }: { readonly message: MailMessage; readonly agent: string }) {
  const room = useRoom();
  const time = useClock((now) => clockTime(message.createdAt, now));
  // Nothing carries mail to the operator: it is read or it is not.
  const carried = message.to === OPERATOR ? undefined : message.delivery?.state;
  return (
    <button type="button" className={styles.mail} onClick={() => openThread(room, `agent:${agent}`, threadOf(message))}>
      <span className={styles.mailWay}>
        <Line text={message.from} /> <Glyph shape="to" words="to" /> <Line text={message.to} />
      </span>
      <Line text={message.subject} className={styles.mailSubject} title />
      <span className={cx(styles.mailState, carried === 'dead' && styles.deadWord)}>
        {carried ?? (message.read ? 'read' : 'unread')} {time}
      </span>
    </button>
  );
}

function MailOf({ name }: { readonly name: string }) {
  const room = useRoom();
  const select = useMemo(() => agentMailSelector(MAILS_SHOWN), []);
  const messages = useMail(({ byId }) => select(byId, name));
  return (
    <>
      <h3 className={styles.heading}>
        Mail
        <button type="button" className={styles.more} onClick={() => room.actions.run('agent.mail', room, name)}>
          all mail
        </button>
      </h3>
      {messages.length === 0 ? <p className={styles.nothing}>No mail yet.</p> : null}
      {messages.map((message) => (
        <MailLine key={message.id} message={message} agent={name} />
      ))}
    </>
  );
}

/** The selected agent: why it is in its state, what it works on, its mail, what can be done. */
export function Inspector() {
  const room = useRoom();
  const agent = useAgent(useUi((state) => state.selectedAgent));
  if (agent === undefined) return null;
  return (
    <aside className={styles.panel} aria-label="Inspector">
      <header className={styles.head}>
        <div className={styles.who}>
          <h2 className={styles.name}>
            <Name text={agent.name} />
          </h2>
          <p className={styles.what}>
            <Line
              text={[agent.capability, agent.model ?? agent.runtime, agent.taskId]
                .filter((part) => part !== '' && part !== 'unknown')
                .join(' · ')}
              title
            />
          </p>
        </div>
        <span className={cx(styles.state, agent.status === 'needsYou' && styles.stateWanted)}>
          <StatusMark status={agent.status} word />
        </span>
        <IconButton label="Close inspector" onClick={() => room.actions.run('view.clearSelection', room)}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </header>
      <h3 className={styles.heading}>Why</h3>
      <Facts>
        <Fact label="now">
          <Line text={agent.activity} className={styles.now} title />
        </Fact>
        <Fact label="turn">
          {agent.turn === null ? (
            'none running'
          ) : (
            <>
              {agent.turn.number} · <Age at={agent.turn.startedAt} long />
            </>
          )}
        </Fact>
        <Fact label="unread">{agent.unreadMail === 0 ? 'nothing' : `${agent.unreadMail} mail`}</Fact>
      </Facts>
      <WhyPanel agentName={agent.name} />
      <Reason agent={agent} />
      <Actions agent={agent} />
      <Work agent={agent} />
      <ChangesSection agent={agent} />
      <MailOf name={agent.name} />
    </aside>
  );
}
