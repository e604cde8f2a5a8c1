import { GitBranch } from 'lucide-react';
import type { ReactElement } from 'react';
import { Button } from '../../components/Button.tsx';
import { Fact, Facts } from '../../components/Facts.tsx';
import { Popover } from '../../components/Popover.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { useRoom, useStatus } from '../../stores/hooks.ts';
import { ProjectRow } from './ProjectRow.tsx';
import styles from './Projects.module.css';
import { switchProject } from './switchProject.ts';
import { useProjectList, waitingElsewhere } from './useProjectList.ts';

/** Other projects shown beside the facts of this one; the switcher has all. */
const SHOWN = 5;

/** Which project is in front, what it is, and the way to the others; a number tells when one of those waits for a person. */
export function ProjectPill({ trigger }: { trigger(content: ReactElement): ReactElement<Record<string, unknown>> }) {
  const room = useRoom();
  const project = useStatus((status) => status.project);
  const list = useProjectList();
  if (project === null) return null;
  const branch = project.branch ?? 'detached';
  const elsewhere = waitingElsewhere(list);
  const others = (list ?? []).filter((one) => !one.current);
  return (
    <Popover
      label="Project"
      trigger={trigger(
        <>
          <Line text={project.name} className={styles.name} title />
          <Line text={branch} className={styles.branch} title />
          {elsewhere === 0 ? null : (
            <span className={styles.elsewhere} title="Things that wait for you in other projects">
              <StatusMark status="needsYou" />
              {elsewhere}
              <span className={styles.elsewhereWord}> elsewhere</span>
            </span>
          )}
        </>,
      )}
    >
      <Facts>
        <Fact label="project">
          <Line text={project.name} title />
        </Fact>
        <Fact label="folder" mono>
          <Line text={project.root} title />
        </Fact>
        <Fact label="branch" mono>
          <GitBranch size={12} aria-hidden="true" /> <Line text={branch} title />
        </Fact>
        <Fact label="commit" mono>
          {project.head ?? '–'}
        </Fact>
        <Fact label="merges into" mono>
          <Line text={project.canonicalBranch} title />
        </Fact>
      </Facts>
      {list === null ? null : (
        <>
          {others.length === 0 ? null : (
            <ul className={styles.list} aria-label="Other projects">
              {others.slice(0, SHOWN).map((one) => (
                <li key={one.id}>
                  <button type="button" onClick={() => void switchProject(room, one.root)}>
                    <ProjectRow project={one} />
                  </button>
                </li>
              ))}
            </ul>
          )}
          <div className={styles.actions}>
            <Button small onClick={() => room.actions.run('project.switch', room)}>
              Switch project…
            </Button>
            {room.desktop === null ? null : (
              <Button small onClick={() => room.actions.run('project.close', room)}>
                Close project
              </Button>
            )}
          </div>
        </>
      )}
    </Popover>
  );
}
