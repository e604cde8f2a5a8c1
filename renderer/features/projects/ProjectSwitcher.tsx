import { BareDialog } from '../../components/BareDialog.tsx';
import { CommandList } from '../../components/CommandList.tsx';
import { Loading } from '../../components/Loading.tsx';
import { useRoom } from '../../stores/hooks.ts';
import { ProjectRow } from './ProjectRow.tsx';
import { switchProject } from './switchProject.ts';
import { useProjectList } from './useProjectList.ts';

/** Every project of this machine, by typing (ui.md "Frame": project switcher). */
export function ProjectSwitcher({ close }: { close(): void }) {
  const room = useRoom();
  const list = useProjectList();
  const then = (work: () => void) => () => {
    close();
    work();
  };
  const projects = (list ?? []).map((project) => ({
    id: project.id,
    keywords: [project.name, project.root],
    content: <ProjectRow project={project} />,
    onSelect: then(() => {
      if (!project.current) void switchProject(room, project.root);
    }),
  }));
  const others = [
    {
      id: 'open',
      keywords: ['Open a folder'],
      content: 'Open a folder…',
      onSelect: then(() => room.actions.run('project.open', room)),
    },
    {
      id: 'demo',
      keywords: ['Run the rehearsal demo'],
      content: 'Run the rehearsal demo',
      onSelect: then(() => room.actions.run('demo.start', room)),
    },
  ];
  return (
    <BareDialog label="Switch project" onClose={close}>
      <CommandList
        label="Projects"
        placeholder="Type the name or the folder of a project"
        groups={[
          { heading: 'Projects of this machine', commands: projects },
          { heading: 'Others', commands: others },
        ]}
      >
        {list === null ? <Loading label="Loading projects" rows={3} rowHeight={40} /> : undefined}
      </CommandList>
    </BareDialog>
  );
}
