import { type CSSProperties, memo } from 'react';
import type { MergeView } from '../../../contract/merges.ts';
import type { TimelineItem } from '../../../contract/timeline.ts';
import { Age } from '../../components/Age.tsx';
import { cx } from '../../components/cx.ts';
import { STATUS_WORDS, StatusMark } from '../../components/StatusMark.tsx';
import { Line, Name } from '../../components/Text.tsx';
import { ATTENTION_WORDS, selectAttentionIds } from '../../stores/attentionOrder.ts';
import { clockTime, dollars } from '../../stores/format.ts';
import { useAgent, useClock, useLinkState, useStatus, useTopic } from '../../stores/hooks.ts';
import { TreeLogo } from '../frame/TreeLogo.tsx';
import { isFailure, itemText } from '../timeline/itemWords.ts';
import styles from './Wallboard.module.css';
import {
  runCap,
  selectWallAgents,
  selectWallEvents,
  selectWallMerges,
  WALL_STATES,
  type WallState,
  wallGrid,
  wallState,
} from './wallRules.ts';

/** Rows of the lists at the side; the rest is a number. */
const SHOWN = { waiting: 6, merges: 4, events: 18 } as const;

function Count({ state }: { readonly state: WallState }) {
  const count = useTopic(
    'agents',
    ({ byId }) => Object.values(byId).filter((agent) => wallState(agent.status) === state).length,
  );
  return (
    <li className={cx(styles.count, count === 0 && styles.none)} data-state={state}>
      <span className={styles.figure}>{count}</span>
      <span className={styles.word}>
        <StatusMark status={state} /> <span aria-hidden="true">{STATUS_WORDS[state]}</span>
      </span>
    </li>
  );
}

function Spend() {
  const spend = useStatus((status) => status.spendUsd);
  const limit = useStatus((status) => runCap(status.governor));
  const paused = useStatus((status) => status.paused) ?? false;
  return (
    <li className={cx(styles.count, paused && styles.paused)}>
      <span className={styles.figure}>{spend === null ? '–' : `$${dollars(spend)}`}</span>
      <span className={styles.word}>
        {paused ? 'fleet paused' : limit === null ? 'spent, no cap' : `of $${dollars(limit)}`}
      </span>
    </li>
  );
}

const Waiting = memo(function Waiting({ id }: { readonly id: string }) {
  const item = useTopic('attention', ({ byId }) => byId[id]);
  if (item === undefined) return null;
  return (
    <li className={styles.waiting}>
      <StatusMark status="needsYou" />
      <span className={styles.lines}>
        <Line text={item.title} className={styles.main} />
        <span className={styles.under}>
          {item.agent === null ? null : (
            <>
              <Line text={item.agent} /> ·{' '}
            </>
          )}
          {ATTENTION_WORDS[item.kind]}
        </span>
      </span>
      <Age at={item.at} className={styles.age} />
    </li>
  );
});

function NeedsPerson() {
  const ids = useTopic('attention', ({ byId }) => selectAttentionIds(byId));
  return (
    <section className={cx(styles.panel, ids.length > 0 && styles.wanted)} aria-label="Needs a person">
      <h2>Needs a person</h2>
      {ids.length === 0 ? (
        <p className={styles.calm}>Nobody waits.</p>
      ) : (
        <ul>
          {ids.slice(0, SHOWN.waiting).map((id) => (
            <Waiting key={id} id={id} />
          ))}
          {ids.length > SHOWN.waiting ? <li className={styles.more}>and {ids.length - SHOWN.waiting} more</li> : null}
        </ul>
      )}
    </section>
  );
}

const AgentCell = memo(function AgentCell({ name }: { readonly name: string }) {
  const agent = useAgent(name);
  if (agent === undefined) return null;
  return (
    <li className={styles.agent} data-state={agent.status}>
      <StatusMark status={agent.status} />
      <span className={styles.lines}>
        <span className={styles.who}>
          <Name text={agent.name} className={styles.main} />
          <span className={styles.role}>{agent.capability}</span>
        </span>
        <Line text={agent.activity} className={styles.under} />
      </span>
      <Age at={agent.lastEvidenceAt} className={styles.age} />
    </li>
  );
});

function Agents() {
  const names = useTopic('agents', ({ byId }) => selectWallAgents(byId));
  const { columns, rows } = wallGrid(names.length);
  return (
    <section className={styles.agents} aria-label="Agents">
      {names.length === 0 ? (
        <p className={styles.calm}>No agent is at work.</p>
      ) : (
        <ul style={{ '--columns': columns, '--rows': rows } as CSSProperties}>
          {names.map((name) => (
            <AgentCell key={name} name={name} />
          ))}
        </ul>
      )}
    </section>
  );
}

const MERGE_WORDS: Readonly<Record<MergeView['status'], string>> = {
  pending: 'waits',
  merging: 'merges',
  merged: 'merged',
  conflict: 'conflict',
  failed: 'failed',
};

function Merges() {
  const merges = useTopic('merges', ({ byId }) => selectWallMerges(byId));
  const merged = useTopic(
    'merges',
    ({ byId }) => Object.values(byId).filter((merge) => merge.status === 'merged').length,
  );
  return (
    <section className={styles.panel} aria-label="Merge queue">
      <h2>
        Merge queue <span className={styles.side}>{merged} merged</span>
      </h2>
      {merges.length === 0 ? (
        <p className={styles.calm}>Empty.</p>
      ) : (
        <ul>
          {merges.slice(0, SHOWN.merges).map((merge) => (
            <li key={merge.id} className={styles.merge}>
              <Line text={merge.taskId} className={styles.main} />
              <span className={merge.status === 'pending' || merge.status === 'merging' ? styles.role : styles.alarm}>
                {merge.hold === undefined ? MERGE_WORDS[merge.status] : 'held'}
              </span>
              <Age at={merge.enqueuedAt} className={styles.age} />
            </li>
          ))}
          {merges.length > SHOWN.merges ? (
            <li className={styles.more}>and {merges.length - SHOWN.merges} more</li>
          ) : null}
        </ul>
      )}
    </section>
  );
}

function EventRow({ item }: { readonly item: TimelineItem }) {
  const at = useClock((now) => clockTime(item.at, now));
  return (
    <li className={styles.event}>
      <time className={styles.time}>{at}</time>
      <Name text={item.agent} className={styles.eventAgent} />
      <Line text={itemText(item)} className={isFailure(item) ? styles.alarm : styles.under} />
    </li>
  );
}

function Events() {
  const items = useTopic('timeline', (state) => selectWallEvents(state.items, SHOWN.events));
  return (
    <section className={cx(styles.panel, styles.last)} aria-label="Last events">
      <h2>Last events</h2>
      {items.length === 0 ? (
        <p className={styles.calm}>None yet.</p>
      ) : (
        <ul className={styles.events}>
          {items.map((item) => (
            <EventRow key={item.id} item={item} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Connection() {
  const state = useLinkState((held) => held);
  if (state.kind === 'online') return null;
  return (
    <div className={styles.connection} role="alert">
      {state.kind === 'connecting' ? 'Connecting…' : <Line text={`No connection: ${state.reason}`} />}
      {state.kind === 'offline' ? <span>It comes back by itself.</span> : null}
    </div>
  );
}

/** The room for a screen on the wall: what is going on, in words that can be read from three metres; nothing to press. */
export function Wallboard() {
  const project = useStatus((status) => status.project.name);
  const time = useClock((now) => clockTime(new Date(now).toISOString(), now));
  return (
    <main className={styles.wall}>
      <header className={styles.header}>
        <TreeLogo size={28} />
        <h1>{project === null ? 'Overstory' : <Line text={project} />}</h1>
        <Connection />
        <span className={styles.gap} />
        <time className={styles.clock}>{time}</time>
      </header>
      <ul className={styles.counts} aria-label="Agents by state, and spend">
        {WALL_STATES.map((state) => (
          <Count key={state} state={state} />
        ))}
        <Spend />
      </ul>
      <div className={styles.body}>
        <Agents />
        <div className={styles.sidePanels}>
          <NeedsPerson />
          <Merges />
          <Events />
        </div>
      </div>
    </main>
  );
}
