import type { Preflight, SlingRequest } from '../../../contract/agents.ts';
import { cx } from '../../components/cx.ts';
import { Glyph } from '../../components/Glyph.tsx';
import { Line } from '../../components/Text.tsx';
import { dollars } from '../../stores/format.ts';
import styles from './PreflightPanel.module.css';
import { type PreflightAnswer, usePreflight } from './usePreflight.ts';

function Row({
  label,
  good,
  children,
}: {
  readonly label: string;
  readonly good?: boolean;
  readonly children: string;
}) {
  return (
    <div className={styles.row}>
      <dt>
        <Line text={label} title />
      </dt>
      <dd>
        <Line text={children} title />
        {good === undefined ? null : (
          <span className={good ? styles.good : styles.bad}>
            <Glyph shape={good ? 'yes' : 'no'} words={good ? 'fine' : 'stands in the way'} />
          </span>
        )}
      </dd>
    </div>
  );
}

/** What a sling would meet: capacity, runtime, name, and the rule that forbids it. Numbers decide, not colours alone. */
export function PreflightFacts({
  answer,
  where,
  wide = false,
}: {
  readonly answer: PreflightAnswer;
  readonly where: string;
  /** True in the sheet: two columns, and a line for the verdict that is always there, so that nothing moves. */
  readonly wide?: boolean;
}) {
  const { preflight, error } = answer;
  const refused = error !== null || preflight?.allowed === false;
  return (
    <div
      className={cx(styles.panel, wide && styles.wide, refused && styles.refused)}
      role="status"
      aria-label="Preflight"
    >
      <dl className={styles.facts}>
        <Row label="Capacity" {...(preflight === null ? {} : { good: hasRoom(preflight.capacity) })}>
          {preflight === null ? '…' : `${preflight.capacity.active} of ${preflight.capacity.limit}`}
        </Row>
        <Row
          label={preflight?.runtime.id ?? 'Runtime'}
          {...(preflight === null ? {} : { good: preflight.runtime.ready })}
        >
          {preflight === null ? '…' : preflight.runtime.ready ? 'ready' : 'not ready'}
        </Row>
        <Row label="Guards">{preflight === null ? '…' : (preflight.guard?.level ?? 'not known')}</Row>
        <Row label="Trust">{preflight === null ? '…' : trustWords(preflight.trust)}</Row>
        <Row label="Agent">{preflight === null || preflight.agentName === '' ? '…' : preflight.agentName}</Row>
        <Row label="Place">{where}</Row>
        <Row label="Collisions" {...(preflight === null ? {} : { good: preflight.collisions.length === 0 })}>
          {preflight === null ? '…' : collisionWords(preflight.collisions)}
        </Row>
        <Row label="Cost">{preflight === null ? '…' : costWords(preflight.estimate)}</Row>
      </dl>
      {refused ? (
        <p className={styles.verdict}>
          <span className={styles.bad}>
            <Glyph shape="no" />
          </span>
          <Line text={error ?? preflight?.refusal ?? 'the engine refuses this sling'} />
        </p>
      ) : wide ? (
        <p className={styles.verdict}>
          {preflight === null ? (
            'Asking the engine…'
          ) : preflight.warnings[0] === undefined ? (
            <>
              <Glyph shape="yes" /> Nothing stands in the way.
            </>
          ) : (
            <Line text={preflight.warnings[0]} title />
          )}
        </p>
      ) : null}
    </div>
  );
}

function hasRoom(capacity: { readonly active: number; readonly limit: number }): boolean {
  return capacity.limit <= 0 || capacity.active < capacity.limit;
}

/** Whose files the task would meet: "none", or the first agent with a file and how many more. */
export function collisionWords(collisions: Preflight['collisions']): string {
  const [first, ...others] = collisions;
  if (first === undefined) return 'none';
  const more = others.length === 0 ? '' : `, ${others.length} more`;
  return `${first.agentName} ${first.why === 'changed' ? 'changed' : 'plans'} ${first.files[0] ?? 'the same files'}${more}`;
}

/** What such an agent has cost: "about $0.31 ($0.12–0.80)"; it says so when nobody knows. */
export function costWords(estimate: Preflight['estimate']): string {
  if (estimate === null) return 'no history';
  const span = estimate.agents < 3 ? '' : ` ($${dollars(estimate.lowUsd)}–${dollars(estimate.highUsd)})`;
  return `about $${dollars(estimate.usd)}${span}`;
}

/** Whether the runtime will ask a person to trust the folder; its turns never do. */
function trustWords(trust: Preflight['trust']): string {
  return trust === undefined || trust === null ? 'nothing to ask' : 'asked on take over';
}

/** Where the new agent would stand, in words. */
export function placeWords(request: SlingRequest): string {
  const role = request.capability ?? 'builder';
  return request.parent === undefined || request.parent === ''
    ? `${role}, no parent`
    : `${role} under ${request.parent}`;
}

/** The panel that opens at a drop target. */
export function PreflightPanel({ request }: { readonly request: SlingRequest }) {
  return <PreflightFacts answer={usePreflight(request)} where={placeWords(request)} />;
}
