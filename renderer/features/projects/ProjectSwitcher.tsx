import { BareDialog } from '../../components/BareDialog.tsx';
import { CommandGroup, CommandItem, CommandList } from '../../components/CommandList.tsx';
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
  return (
    <BareDialog label="Switch project" onClose={close}>
      <CommandList label="Projects" placeholder="Type the name or the folder of a project">
        {list === null ? (
          <Loading label="Loading projects" rows={3} rowHeight={40} />
        ) : (
          <>
            <CommandGroup heading="Projects of this machine">
              {list.map((project) => (
                <CommandItem
                  key={project.id}
                  id={project.id}
                  keywords={[project.name, project.root]}
                  onSelect={then(() => {
                    if (!project.current) void switchProject(room, project.root);
                  })}
                >
                  <ProjectRow project={project} />
                </CommandItem>
              ))}
            </CommandGroup>
            <CommandGroup heading="Others">
              <CommandItem
                id="open"
                keywords={['Open a folder']}
                onSelect={then(() => room.actions.run('project.open', room))}
              >
                Open a folder…
              </CommandItem>
              <CommandItem
                id="demo"
                keywords={['Run the rehearsal demo']}
                onSelect={then(() => room.actions.run('demo.start', room))}
              >
                Run the rehearsal demo
              </CommandItem>
            </CommandGroup>
          </>
        )}
      </CommandList>
    </BareDialog>
  );
}
