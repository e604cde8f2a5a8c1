import type { MergeDetail } from '../../../contract/mergeDetail.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Fact, Facts } from '../../components/Facts.tsx';
import { Scroll } from '../../components/Scroll.tsx';
import { Line } from '../../components/Text.tsx';
import styles from './MergeDetail.module.css';

/** The merge commit with its provenance: whose work it is, by which tier it came in, who decided what. */
export function CommitFacts({ merge, detail }: { readonly merge: MergeView; readonly detail: MergeDetail }) {
  const { commit } = detail;
  return (
    <Scroll label="Commit" className={styles.scroll}>
      {commit === null ? (
        <EmptyState title="No commit yet" text="The merge commit names agent, task, run and tier in its trailers." />
      ) : (
        <Facts>
          <Fact label="commit" mono>
            <Line text={commit.id} title />
          </Fact>
          <Fact label="subject">
            <Line text={commit.subject} title />
          </Fact>
          <Fact label="where">
            {commit.merged ? <Line text={`in ${merge.target ?? 'the target'}`} /> : 'kept aside until it is accepted'}
          </Fact>
          {commit.trailers.map(({ name, value }) => (
            <Fact
              key={`${name} ${value}`}
              label={name
                .replace(/^Overstory-/, '')
                .replaceAll('-', ' ')
                .toLowerCase()}
            >
              <Line text={value} title />
            </Fact>
          ))}
        </Facts>
      )}
      {merge.filesModified.length === 0 ? null : (
        <section aria-label="Files of the branch">
          <h3 className={styles.heading}>Files of the branch</h3>
          <ul className={styles.paths}>
            {merge.filesModified.slice(0, 200).map((path) => (
              <li key={path}>
                <Line text={path} className={styles.mono} title />
              </li>
            ))}
            {merge.filesModified.length > 200 ? <li>and {merge.filesModified.length - 200} more</li> : null}
          </ul>
        </section>
      )}
    </Scroll>
  );
}
