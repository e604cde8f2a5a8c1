import type { ProjectView } from '../../../contract/projects.ts';
import { Age } from '../../components/Age.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import styles from './Projects.module.css';

/** What happens in a project, in a word: what waits, what works, or that nothing of it runs. */
function ProjectState({ project }: { readonly project: ProjectView }) {
  const { attention, working } = project;
  if (!project.live)
    return (
      <span className={styles.quiet}>
        no engine · <Age at={project.openedAt} />
      </span>
    );
  if ((attention ?? 0) > 0)
    return (
      <span className={styles.wanted}>
        <StatusMark status="needsYou" /> {attention}
        <span className="visually-hidden"> {attention === 1 ? 'needs' : 'need'} you</span>
      </span>
    );
  if ((working ?? 0) > 0)
    return (
      <span className={styles.working}>
        <StatusMark status="working" /> {counted(working ?? 0, 'agent works', 'agents work')}
      </span>
    );
  return <span className={styles.quiet}>at rest</span>;
}

/** A project in a list: name, folder, and what happens in it. */
export function ProjectRow({ project }: { readonly project: ProjectView }) {
  return (
    <span className={styles.row}>
      <span className={styles.names}>
        <Line text={project.name} className={styles.name} />
        <Line text={project.root} className={styles.root} title />
      </span>
      {project.current ? <span className={styles.quiet}>open</span> : <ProjectState project={project} />}
    </span>
  );
}
