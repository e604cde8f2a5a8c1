import type { Desktop, DesktopProject } from '../client/desktop.ts';
import { Button } from '../components/Button.tsx';
import { Line } from '../components/Text.tsx';
import { TreeLogo } from '../features/frame/TreeLogo.tsx';
import styles from './Gate.module.css';

/** What a window without a project shows: open one, or one of the recent ones. */
export function ChooseProject({ desktop, said }: { readonly desktop: Desktop; readonly said: DesktopProject }) {
  return (
    <main className={styles.gate}>
      <div className={styles.card}>
        <TreeLogo size={32} />
        <h1 className={styles.title}>Open a project</h1>
        {said.problem === null ? null : (
          <p className={styles.reason} role="alert">
            <Line text={said.problem} />
          </p>
        )}
        <p className={styles.text}>
          A project is a folder under git. Its agents, mail and branches stay in that folder.
        </p>
        <div className={styles.actions}>
          <Button tone="primary" autoFocus onClick={() => desktop.post({ type: 'openProject' })}>
            Open project…
          </Button>
        </div>
        {said.recent.length === 0 ? null : (
          <ul className={styles.recent} aria-label="Recent projects">
            {said.recent.map((project) => (
              <li key={project.root}>
                <button type="button" onClick={() => desktop.post({ type: 'openRecent', root: project.root })}>
                  <Line text={project.name} className={styles.recentName} />
                  <Line text={project.root} className={styles.recentRoot} title />
                </button>
              </li>
            ))}
          </ul>
        )}
        <p className={styles.text}>
          No project at hand? <code>npm run demo</code> builds a small one and rehearses a whole run in it, without any
          AI.
        </p>
      </div>
    </main>
  );
}
