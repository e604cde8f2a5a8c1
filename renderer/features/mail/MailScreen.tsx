import { PenLine } from 'lucide-react';
import { Button } from '../../components/Button.tsx';
import { Pane, PaneLine, Panes } from '../../components/Panes.tsx';
import { Line } from '../../components/Text.tsx';
import { useRoom, useUi } from '../../stores/hooks.ts';
import { Folders } from './Folders.tsx';
import styles from './MailScreen.module.css';
import { ThreadList } from './ThreadList.tsx';
import { ThreadView } from './ThreadView.tsx';

const FOLDER_TITLES: Readonly<Record<string, string>> = { operator: 'Operator', all: 'All mail', dead: 'Dead letters' };

function FolderHead() {
  const folder = useUi((state) => state.mailFolder);
  return (
    <h2 className={styles.viewHead}>
      <Line text={FOLDER_TITLES[folder] ?? folder.replace(/^agent:/, '')} className={styles.viewSubject} title />
    </h2>
  );
}

/** Mail in three panes: folders, threads, thread (ui.md "Mail"). */
export function MailScreen() {
  const room = useRoom();
  return (
    <Panes id="mail">
      <Pane id="mail-folders" size="176px" min="120px" max="320px">
        <div className={styles.compose}>
          <Button live onClick={() => room.actions.run('mail.compose', room)}>
            <PenLine size={14} aria-hidden="true" />
            Write mail
          </Button>
        </div>
        <Folders />
      </Pane>
      <PaneLine label="Width of the folders" />
      <Pane id="mail-threads" size="300px" min="180px" max="560px">
        <FolderHead />
        <ThreadList />
      </Pane>
      <PaneLine label="Width of the threads" />
      <Pane id="mail-thread" min="260px">
        <ThreadView />
      </Pane>
    </Panes>
  );
}
