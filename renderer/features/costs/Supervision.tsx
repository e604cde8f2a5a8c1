import { money } from '../../../contract/amounts.ts';
import type { CostOverview } from '../../../contract/costs.ts';
import { Section } from '../../components/Section.tsx';
import { counted, longDuration } from '../../stores/format.ts';
import styles from './Costs.module.css';
import { type Shares, sharesOf, shortCount } from './costRules.ts';

const SHARE_WORDS = {
  work: 'work: builders, scouts, reviewers, mergers',
  leading: 'leading: coordinators and leads',
  watching: 'watching: the monitor',
} as const satisfies Record<Shares['parts'][number]['name'], string>;

/** Characters of a token, as the triage meter reckons. */
const TOKEN_CHARACTERS = 4;

/** How much goes into leading and watching instead of work, and what supervision asks models by itself. */
export function Supervision({ overview }: { readonly overview: CostOverview }) {
  const shares = sharesOf(overview.roles);
  const { triage, merging } = overview;
  return (
    <Section title="Share of supervision" framed className={styles.panel}>
      {shares === null ? (
        <p className={styles.faint}>Nothing was used yet.</p>
      ) : (
        <>
          <div className={styles.shareBar} aria-hidden="true">
            {shares.parts.map((part) => (
              <span key={part.name} className={styles[part.name]} style={{ flexGrow: part.share }} />
            ))}
          </div>
          <ul className={styles.shares}>
            {shares.parts.map((part) => (
              <li key={part.name}>
                <span aria-hidden="true" className={`${styles.dot} ${styles[part.name]}`} />
                <span className={styles.shareName}>{SHARE_WORDS[part.name]}</span>
                <span>{shares.measure === 'usd' ? money(part.amount) : `${shortCount(part.amount)} tokens`}</span>
                <span className={styles.percent}>{percent(part.share)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {triage === null || merging === null ? (
        <p className={styles.faint}>What triage and merging asked of models is not recorded.</p>
      ) : (
        <p className={styles.faint}>
          Asked by the engine itself, in no agent's figures: triage {asked(triage.asked, triage.failed)}
          {triage.asked === 0 ? '' : `, about ${shortCount(triage.tokensIn + triage.tokensOut)} tokens`}; merging{' '}
          {asked(merging.asked, merging.failed)}
          {merging.asked === 0
            ? ''
            : `, about ${shortCount((merging.charactersIn + merging.charactersOut) / TOKEN_CHARACTERS)} tokens, ${longDuration(merging.ms)} of waiting`}
          .{triage.asked + merging.asked === 0 ? '' : ' No runtime tells their dollars.'}
        </p>
      )}
    </Section>
  );
}

function asked(times: number, failed: number): string {
  if (times === 0) return 'asked no model';
  return `asked ${counted(times, 'time')}${failed === 0 ? '' : ` (${failed} without an answer)`}`;
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? 'under 1%' : `${Math.round(share * 100)}%`;
}
