import { lazy, Suspense } from 'react';
import { useStore } from 'zustand';
import type { Desktop } from '../client/desktop.ts';
import { NoticeList } from '../components/NoticeList.tsx';
import { Palette } from '../features/frame/Palette.tsx';
import { useLinkState, useRoom, useUi } from '../stores/hooks.ts';
import { ChooseProject } from './ChooseProject.tsx';
import { DialogHost } from './DialogHost.tsx';
import { Frame } from './Frame.tsx';
import { SignIn } from './SignIn.tsx';

// Loaded when it is asked for: nobody needs it to work.
const Gallery = lazy(async () => ({ default: (await import('../features/gallery/Gallery.tsx')).Gallery }));

function DesktopApp({ desktop }: { readonly desktop: Desktop }) {
  const said = useStore(desktop.project, (state) => state.said);
  return said !== null && said.project === null ? <ChooseProject desktop={desktop} said={said} /> : <Frame />;
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
  return refused === null ? <Frame /> : <SignIn reason={refused} />;
}
