import { useEffect } from 'react';
import { Button } from '../components/Button.tsx';
import { EmptyState } from '../components/EmptyState.tsx';
import { NoticeList } from '../components/NoticeList.tsx';
import { Pane, PaneLine, Panes } from '../components/Panes.tsx';
import { AgentTree } from '../features/frame/AgentTree.tsx';
import { Announcer } from '../features/frame/Announcer.tsx';
import { Palette } from '../features/frame/Palette.tsx';
import { Rail } from '../features/frame/Rail.tsx';
import { StatusBar } from '../features/frame/StatusBar.tsx';
import { TopStrip } from '../features/frame/TopStrip.tsx';
import { Inspector } from '../features/inspector/Inspector.tsx';
import { ReplayBand } from '../features/replay/ReplayBand.tsx';
import { Guide } from '../features/welcome/Guide.tsx';
import { RoomContext, useAgentKnown, useLinkState, useRoom, useUi } from '../stores/hooks.ts';
import { liveRoom } from '../stores/stage.ts';
import { inspectorShown, treeShown } from '../stores/uiStore.ts';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { DialogHost } from './DialogHost.tsx';
import styles from './Frame.module.css';
import { SCREEN_COMPONENTS, SCREENS_WITH_PAST } from './screens.tsx';

/** Pixels of window width under which the side panes fold away by themselves. */
const NARROW = { inspector: 1_180, tree: 900 } as const;

/** Puts the side panes away while the window is too narrow for them; the person may bring them back. */
function useFoldWhenNarrow(): void {
  const { ui } = useRoom();
  useEffect(() => {
    const inspector = window.matchMedia(`(max-width: ${NARROW.inspector - 1}px)`);
    const tree = window.matchMedia(`(max-width: ${NARROW.tree - 1}px)`);
    const follow = () => ui.setState({ inspectorAway: inspector.matches, treeAway: tree.matches });
    follow();
    inspector.addEventListener('change', follow);
    tree.addEventListener('change', follow);
    return () => {
      inspector.removeEventListener('change', follow);
      tree.removeEventListener('change', follow);
    };
  }, [ui]);
}

/** What a replay shows of a screen that is about the machine as it is. */
function PresentOnly() {
  const room = useRoom();
  return (
    <EmptyState title="This screen has no past" text="It shows what is here now, which a replay keeps apart.">
      <Button onClick={() => room.actions.run('replay.goLive', room)}>Go live</Button>
    </EmptyState>
  );
}

function Screen() {
  const { replay } = useRoom();
  const screen = useUi((state) => state.screen);
  const Component = replay !== null && !SCREENS_WITH_PAST.has(screen) ? PresentOnly : SCREEN_COMPONENTS[screen];
  return (
    <main className={styles.centre}>
      {replay === null ? <Guide /> : null}
      {Component === undefined ? null : <Component />}
    </main>
  );
}

function Workspace() {
  const treeOpen = useUi(treeShown);
  const mayInspect = useUi((state) => inspectorShown(state, state.screen));
  const selected = useUi((state) => state.selectedAgent);
  const inspecting = useAgentKnown(selected) && mayInspect;
  return (
    <Panes id="workspace">
      {treeOpen ? (
        <>
          <Pane id="tree" size="262px" min="180px" max="480px">
            <AgentTree />
          </Pane>
          <PaneLine label="Width of the agent tree" />
        </>
      ) : null}
      <Pane id="centre" min="320px">
        <Screen />
      </Pane>
      {inspecting ? (
        <>
          <PaneLine label="Width of the inspector" />
          <Pane id="inspector" size="304px" min="240px" max="520px">
            <Inspector />
          </Pane>
        </>
      ) : null}
    </Panes>
  );
}

/** The room: strip, rail, tree, screen, inspector, status bar (ui.md "Frame"). */
export function Frame() {
  useFoldWhenNarrow();
  const room = useRoom();
  const offline = useLinkState((state) => state.kind !== 'online');
  return (
    <div className={styles.frame} data-replay={room.replay === null ? undefined : ''}>
      {room.replay === null ? null : <ReplayBand replay={room.replay} />}
      <TopStrip />
      <ConnectionBanner />
      <div className={styles.middle} data-offline={offline || undefined}>
        <Rail />
        <Workspace />
      </div>
      <StatusBar />
      <NoticeList />
      <Palette />
      <DialogHost />
      {/* What is announced happens now, also while the past is looked at. */}
      <RoomContext value={liveRoom(room)}>
        <Announcer />
      </RoomContext>
    </div>
  );
}
