import { useState } from 'react';
import { enterProject } from '../../client/browserProject.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field, TextInput } from '../../components/Field.tsx';
import { useRoom } from '../../stores/hooks.ts';

/** Opens a project by its folder, in a browser: the engine knows the disk, the page does not. */
export function OpenFolderDialog({ close }: { close(): void }) {
  const room = useRoom();
  const [path, setPath] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const open = async () => {
    if (path.trim() === '' || asking) return;
    setAsking(true);
    const opened = await room.link.call('projects.open', { path: path.trim() });
    setAsking(false);
    if (opened.ok) enterProject(window, opened.value.id);
    else setProblem(opened.error.message);
  };
  return (
    <Dialog
      title="Open a project"
      text="A page in a browser opens what was opened on this machine before. Anything else begins in a terminal, with “ov init” in its folder."
      onClose={close}
      onSubmit={() => void open()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={path.trim() === '' || asking}>
            {asking ? 'Opening…' : 'Open'}
          </Button>
        </>
      }
    >
      <Field label="Folder" hint="The whole path of the project, or of a folder in it." error={problem}>
        {(id, describedBy) => (
          <TextInput
            id={id}
            aria-describedby={describedBy}
            autoFocus
            placeholder="/home/me/code/shop"
            value={path}
            onChange={(event) => {
              setPath(event.target.value);
              setProblem(null);
            }}
          />
        )}
      </Field>
    </Dialog>
  );
}
