import type { Desktop, DesktopProject } from '../client/desktop.ts';
import { Line } from '../components/Text.tsx';
import { TreeLogo } from '../features/frame/TreeLogo.tsx';
import { Door } from '../features/welcome/Doors.tsx';
import welcome from '../features/welcome/Welcome.module.css';
import styles from './Gate.module.css';

/** What a window without a project shows: the three ways in, and recent projects. */
export function ChooseProject({ desktop, said }: { readonly desktop: Desktop; readonly said: DesktopProject }) {
  const { makingDemo } = said;
  return (
    <main className={styles.gate}>
      <div className={styles.wideCard}>
        <TreeLogo size={32} />
        <h1 className={styles.title}>Overstory Control Room</h1>
        {said.problem === null ? null : (
          <p className={styles.reason} role="alert">
            <Line text={said.problem} />
          </p>
        )}
        <p className={styles.text}>
          A project is a folder under git. Its agents, mail and branches stay in that folder.
        </p>
        <div className={welcome.doors}>
          <Door
            kind="open"
            first
            title="Open a project"
            text="Choose a folder. It is set up for agents once you agree."
            disabled={makingDemo}
            onOpen={() => desktop.post({ type: 'openProject' })}
          />
          <Door
            kind="coordinator"
            title="Start a coordinator"
            text="Open a project and give its coordinator an objective."
            disabled={makingDemo}
            onOpen={() => desktop.post({ type: 'openProject', action: 'coordinator.start' })}
          />
          <Door
            kind="demo"
            title={makingDemo ? 'Making the rehearsal…' : 'Run the rehearsal demo'}
            text="A small project of its own, six tasks, no account and no AI."
            disabled={makingDemo}
            onOpen={() => desktop.post({ type: 'openDemo' })}
          />
        </div>
        <p className="visually-hidden" role="status">
          {makingDemo ? 'The rehearsal project is being made.' : ''}
        </p>
        {said.recent.length === 0 ? null : (
          <>
            <h2 className={styles.heading}>Recent projects</h2>
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
          </>
        )}
      </div>
    </main>
  );
}
