import { memo, useCallback, useState } from 'react';
import {
  DOCTOR_CATEGORIES,
  type DoctorCategory,
  type DoctorCheck,
  type DoctorReport,
} from '../../../contract/doctor.ts';
import { Button } from '../../components/Button.tsx';
import { Checkbox } from '../../components/Checkbox.tsx';
import { cx } from '../../components/cx.ts';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Glyph } from '../../components/Glyph.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Section } from '../../components/Section.tsx';
import { Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import { useRoom } from '../../stores/hooks.ts';
import styles from './Health.module.css';
import { CATEGORY_TITLES, CHECK_MARKS } from './healthWords.ts';
import { useAnswer } from './useAnswer.ts';

/** Milliseconds looking and mending may take: programs are asked for their versions, worktrees are kept first. */
const LOOK_MS = 60_000;
const FIX_MS = 300_000;

const Check = memo(function Check({
  check,
  busy,
  onFix,
}: {
  readonly check: DoctorCheck;
  readonly busy: boolean;
  onFix(ids: readonly string[]): void;
}) {
  const mark = CHECK_MARKS[check.status];
  return (
    <li className={styles.check} aria-label={check.name}>
      <span className={cx(styles.mark, styles[check.status])} title={mark.word}>
        <Glyph shape={mark.glyph} words={mark.word} />
      </span>
      <div className={styles.words}>
        <span>
          <span className={styles.checkName}>{check.name}</span>{' '}
          <Line text={check.message} className={styles.message} />
        </span>
        {check.details.length === 0 || check.status === 'pass' ? null : (
          <ul className={styles.details}>
            {check.details.map((detail) => (
              <li key={detail}>
                <Line text={detail} title />
              </li>
            ))}
          </ul>
        )}
        {check.fix === null ? null : <span className={styles.hint}>Fix: {check.fix}</span>}
      </div>
      {check.fix === null ? null : (
        <Button
          small
          className={styles.fixButton}
          disabled={busy}
          onClick={() => onFix([check.id])}
          aria-label={`Fix ${check.name}`}
        >
          Fix
        </Button>
      )}
    </li>
  );
});

function Category({
  category,
  checks,
  busy,
  onFix,
}: {
  readonly category: DoctorCategory;
  readonly checks: readonly DoctorCheck[];
  readonly busy: boolean;
  onFix(ids: readonly string[]): void;
}) {
  return (
    <Section title={CATEGORY_TITLES[category]}>
      <ul className={styles.list}>
        {checks.map((check) => (
          <Check key={check.id} check={check} busy={busy} onFix={onFix} />
        ))}
      </ul>
    </Section>
  );
}

/** Looks the project over by category; what can be mended safely has a button that says what it does. */
export function DoctorTab() {
  const room = useRoom();
  const answer = useAnswer('doctor.run', {}, null, LOOK_MS);
  const [mended, setMended] = useState<DoctorReport | null>(null);
  const [fixing, setFixing] = useState(false);
  const [all, setAll] = useState(false);
  const fix = useCallback(
    async (ids: readonly string[]) => {
      setFixing(true);
      const done = await room.link.call('doctor.fix', { ids: [...ids] }, { timeoutMs: FIX_MS });
      setFixing(false);
      if (!done.ok) {
        room.notices.say('error', done.error.message);
        return;
      }
      setMended(done.value);
      for (const line of done.value.fixed) room.notices.say('info', line);
      for (const line of done.value.notFixed) room.notices.say('error', line);
    },
    [room],
  );
  const onFix = useCallback((ids: readonly string[]) => void fix(ids), [fix]);
  const report = mended ?? answer.value;
  const again = () => {
    setMended(null);
    answer.reload();
  };
  if (report === null)
    return answer.error === null ? (
      <Loading label="Looking the project over" rows={10} />
    ) : (
      <ErrorState title="The doctor does not answer" message={answer.error} onRetry={again} />
    );
  const { checks, summary } = report;
  const fixable = checks.filter((check) => check.fix !== null);
  const busy = fixing || answer.asking;
  const shown = DOCTOR_CATEGORIES.map((category) => ({
    category,
    checks: checks.filter((check) => check.category === category && (all || check.status !== 'pass')),
  })).filter((group) => group.checks.length > 0);
  return (
    <>
      <div className={styles.tools}>
        <span className={styles.summary} role="status">
          <span className={cx(styles.pass, styles.strong)}>
            <Glyph shape="yes" /> {summary.pass} fine
          </span>
          <span className={cx(summary.warn > 0 && styles.warn)}>
            <Glyph shape="warn" /> {counted(summary.warn, 'warning')}
          </span>
          <span className={cx(summary.fail > 0 && styles.fail)}>
            <Glyph shape="no" /> {counted(summary.fail, 'failure')}
          </span>
        </span>
        <span className={styles.gap} />
        <Checkbox label="Show what is fine" checked={all} onChange={setAll} />
        {fixable.length < 2 ? null : (
          <Button small disabled={busy} onClick={() => onFix(fixable.map(({ id }) => id))}>
            Fix all {fixable.length}
          </Button>
        )}
        <Button small disabled={busy} onClick={again}>
          {fixing ? 'Mending…' : answer.asking ? 'Looking…' : 'Look again'}
        </Button>
      </div>
      <div className={styles.scroll}>
        {shown.length === 0 ? (
          <p className={styles.allFine}>
            <Glyph shape="yes" className={cx(styles.mark, styles.pass)} />
            Everything is as it should be: {counted(summary.pass, 'check')} passed.
          </p>
        ) : null}
        {shown.map(({ category, checks: listed }) => (
          <Category key={category} category={category} checks={listed} busy={busy} onFix={onFix} />
        ))}
      </div>
    </>
  );
}
