import { useMemo, useState } from 'react';
import type { LossAudit, LossFinding, LossVerdict } from '../../../contract/lossAudit.ts';
import { Badge, type BadgeTone } from '../../components/Badge.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { Line } from '../../components/Text.tsx';
import { VirtualList } from '../../components/VirtualList.tsx';
import { counted } from '../../stores/format.ts';
import styles from './AuditView.module.css';

const TONES: Readonly<Record<LossVerdict, BadgeTone>> = { lost: 'danger', dropped: 'warning', superseded: 'plain' };
type Filter = 'all' | LossVerdict;

function what({ what: kind, lines, side }: LossFinding, target: string, branch: string): string {
  const who = side === 'target' ? target : branch;
  switch (kind) {
    case 'added':
      return `${counted(lines, 'line')} added by ${who}`;
    case 'removed':
      return `${counted(lines, 'line')} removed by ${who}, back in the result`;
    case 'file':
      return `a whole file of ${who}`;
    case 'mode':
      return `the mode set by ${who}`;
  }
}

function Finding({
  finding,
  target,
  branch,
}: {
  readonly finding: LossFinding;
  readonly target: string;
  readonly branch: string;
}) {
  const { by } = finding;
  return (
    <div className={styles.finding} role="listitem">
      <span className={styles.verdict}>
        <Badge tone={TONES[finding.verdict]}>{finding.verdict}</Badge>
      </span>
      <div className={styles.main}>
        <p className={styles.where}>
          <Line
            text={finding.line === 0 ? finding.file : `${finding.file}:${finding.line}`}
            className={styles.mono}
            title
          />
          <span className={styles.quiet}>
            <Line text={what(finding, target, branch)} />
          </span>
        </p>
        {finding.text === '' ? null : <Line text={finding.text} className={styles.text} title />}
        <p className={styles.quiet}>
          <Line text={finding.decision === null ? finding.reason : `${finding.reason}: ${finding.decision}`} title />
        </p>
        {by === null ? null : (
          <p className={styles.by}>
            <span className={styles.quiet}>
              stands for it: <Line text={`${by.file}:${by.line}`} className={styles.mono} title />
            </span>
            <Line text={by.text} className={styles.text} title />
          </p>
        )}
      </div>
    </div>
  );
}

/** What became of each hunk of both sides. */
export function AuditView({
  audit,
  target,
  branch,
}: {
  readonly audit: LossAudit | null;
  readonly target: string;
  readonly branch: string;
}) {
  const [filter, setFilter] = useState<Filter>('all');
  const findings = useMemo(
    () => audit?.findings.filter((finding) => filter === 'all' || finding.verdict === filter) ?? [],
    [audit, filter],
  );
  if (audit === null)
    return (
      <EmptyState
        title="No audit"
        text="A clean merge keeps every line by itself. From auto-resolve on, each hunk of both sides is looked for in the result."
      />
    );
  const { counts, hunks } = audit;
  const all = hunks.target + hunks.branch;
  return (
    <div className={styles.audit}>
      <header className={styles.head}>
        <p>
          <b>{audit.ok ? 'Nothing is lost.' : `${counted(counts.lost, 'change')} would be lost.`}</b>{' '}
          <span className={styles.quiet}>
            {hunks.present} of {counted(all, 'hunk')} are kept as they were made.
          </span>
        </p>
        <Segmented<Filter>
          label="Findings"
          value={filter}
          onChange={setFilter}
          options={[
            { value: 'all', label: `All ${counts.lost + counts.dropped + counts.superseded}` },
            { value: 'lost', label: `Lost ${counts.lost}` },
            { value: 'dropped', label: `Dropped ${counts.dropped}` },
            { value: 'superseded', label: `Superseded ${counts.superseded}` },
          ]}
        />
      </header>
      {findings.length === 0 ? (
        <EmptyState
          title={filter === 'all' ? 'Every hunk is in the result as it was made' : `No ${filter} line`}
          text={filter === 'all' ? 'Nothing was superseded, dropped or lost.' : undefined}
        />
      ) : (
        <VirtualList
          className={styles.list}
          role="list"
          count={findings.length}
          rowHeight={84}
          keyOf={(index) => {
            const finding = findings[index];
            return finding === undefined ? String(index) : `${index} ${finding.file} ${finding.line}`;
          }}
          row={(index) => {
            const finding = findings[index];
            return finding === undefined ? null : <Finding finding={finding} target={target} branch={branch} />;
          }}
        />
      )}
    </div>
  );
}
