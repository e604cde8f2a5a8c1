import { useStore } from 'zustand';
import type { Desktop } from '../client/desktop.ts';
import { useLinkState, useRoom } from '../stores/hooks.ts';
import { ChooseProject } from './ChooseProject.tsx';
import { Frame } from './Frame.tsx';
import { SignIn } from './SignIn.tsx';

function DesktopApp({ desktop }: { readonly desktop: Desktop }) {
  const said = useStore(desktop.project, (state) => state.said);
  return said !== null && said.project === null ? <ChooseProject desktop={desktop} said={said} /> : <Frame />;
}

/** The room, or what stands before it: signing in (browser), choosing a project (desktop). */
export function App() {
  const { desktop } = useRoom();
  const refused = useLinkState((state) => (state.kind === 'refused' ? state.reason : null));
  if (desktop !== null) return <DesktopApp desktop={desktop} />;
  return refused === null ? <Frame /> : <SignIn reason={refused} />;
}
