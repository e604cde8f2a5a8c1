import { lazy, Suspense } from 'react';
import { useStore } from 'zustand';
import type { Desktop } from '../client/desktop.ts';
import { NoticeList } from '../components/NoticeList.tsx';
import { Palette } from '../features/frame/Palette.tsx';
import { RoomContext, useLinkState, useRoom, useUi } from '../stores/hooks.ts';
import { ChooseProject } from './ChooseProject.tsx';
import { DialogHost } from './DialogHost.tsx';
import { Frame } from './Frame.tsx';
import { SignIn } from './SignIn.tsx';

// Loaded when it is asked for: nobody needs it to work.
const Gallery = lazy(async () => ({ default: (await import('../features/gallery/Gallery.tsx')).Gallery }));

/** The room on screen: live, or a replay, each with a tree of its own, so that nothing of one stays in the other. */
function Stage() {
  const live = useRoom();
  const front = useStore(live.stage.front, (state) => state.room) ?? live;
  return (
    <RoomContext value={front}>
      <Frame key={front === live ? 'live' : 'replay'} />
    </RoomContext>
  );
}

function DesktopApp({ desktop }: { readonly desktop: Desktop }) {
  const said = useStore(desktop.project, (state) => state.said);
  return said !== null && said.project === null ? <ChooseProject desktop={desktop} said={said} /> : <Stage />;
}

/** The room, or what stands before it: signing in (browser), choosing a project (desktop). The gallery needs neither. */
export function App() {
  const { desktop } = useRoom();
  const refused = useLinkState((state) => (state.kind === 'refused' ? state.reason : null));
  const gallery = useUi((state) => state.galleryOpen);
  if (gallery)
    return (
      <>
        <Suspense fallback={null}>
          <Gallery />
        </Suspense>
        <NoticeList />
        <Palette />
        <DialogHost />
      </>
    );
  if (desktop !== null) return <DesktopApp desktop={desktop} />;
  return refused === null ? <Stage /> : <SignIn reason={refused} />;
}
