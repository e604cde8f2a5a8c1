import { Check, TriangleAlert } from 'lucide-react';
import type { RadarView } from '../../../contract/radar.ts';
import { inspectAgent } from '../../actions/navigation.ts';
import { Line } from '../../components/Text.tsx';
import { VirtualList } from '../../components/VirtualList.tsx';
import { useRoom } from '../../stores/hooks.ts';
import styles from './RadarOrder.module.css';
import { stepWords } from './radarRules.ts';

/** In which order merging costs least, and why. */
export function RadarOrder({ view }: { readonly view: RadarView }) {
  const room = useRoom();
  const byName = new Map(view.worktrees.map((worktree) => [worktree.agentName, worktree]));
  return (
    <section className={styles.order} aria-label="Suggested order">
      <h3 className={styles.heading}>Suggested order</h3>
      {view.order.length === 0 ? (
        <p className={styles.quiet}>Nothing is left to merge.</p>
      ) : (
        <VirtualList
          className={styles.list}
          role="list"
          count={view.order.length}
          rowHeight={42}
          keyOf={(index) => view.order[index]?.agentName ?? String(index)}
          row={(index) => {
            const step = view.order[index];
            if (step === undefined) return null;
            return (
              <div className={styles.step} role="listitem">
                <span className={styles.number}>{index + 1}</span>
                <div className={styles.main}>
                  <button type="button" className={styles.name} onClick={() => inspectAgent(room, step.agentName)}>
                    <Line text={step.agentName} title />
                  </button>
                  <span className={styles.why}>
                    <Line text={stepWords(step, view.target, byName.get(step.agentName))} title />
                  </span>
                </div>
                <span className={step.clean ? styles.clean : styles.conflict}>
                  {step.clean ? (
                    <Check size={13} aria-label="clean" />
                  ) : (
                    <TriangleAlert size={13} aria-label="conflicts" />
                  )}
                </span>
              </div>
            );
          }}
        />
      )}
    </section>
  );
}
