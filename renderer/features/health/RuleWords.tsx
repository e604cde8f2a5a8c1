import type { WatchdogRuleView } from '../../../contract/evidence.ts';
import { counted } from '../../stores/format.ts';
import styles from './Health.module.css';
import { MODE_TITLES, RULE_TITLES } from './healthWords.ts';

/** What a rule is called and does, and how often it did. Its mode stands behind it. */
export function RuleWords({ rule }: { readonly rule: WatchdogRuleView }) {
  return (
    <>
      <div className={styles.words}>
        <span className={styles.ruleTitle}>
          {RULE_TITLES[rule.rule]} <code className={styles.code}>{rule.rule}</code>
        </span>
        <span className={styles.hint}>{rule.does}</span>
      </div>
      <span className={styles.tally}>
        {rule.acted === 0 && rule.shadowed === 0 ? <span className={styles.faint}>not in 7 days</span> : null}
        {rule.acted > 0 ? <span>acted {counted(rule.acted, 'time')}</span> : null}
        {rule.shadowed > 0 ? (
          <span className={styles.shadowed}>would have {counted(rule.shadowed, 'time')}</span>
        ) : null}
        {rule.mode === rule.preset ? null : (
          <span className={styles.faint}>config.yaml: {MODE_TITLES[rule.preset].toLowerCase()}</span>
        )}
      </span>
    </>
  );
}
