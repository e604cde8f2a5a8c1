import { lazy, Suspense, useEffect } from 'react';
import { useLinkState, useRoom } from '../stores/hooks.ts';
import { SignIn } from './SignIn.tsx';

// A page is a wallboard or a room for as long as it lives: neither needs the other's code.
const Wallboard = lazy(async () => ({
  default: (await import('../features/wallboard/Wallboard.tsx')).Wallboard,
}));

/** Milliseconds after which a wall asks again by itself where its engine said no: it may have been replaced. */
const AGAIN_MS = 15_000;

function Refused({ reason }: { readonly reason: string }) {
  useEffect(() => {
    const timer = setTimeout(() => location.reload(), AGAIN_MS);
    return () => clearTimeout(timer);
  }, []);
  return <SignIn reason={reason} />;
}

/** The page of the wallboard: nothing but it, and signing in where a browser's link has run out. */
export function WallApp() {
  const { desktop } = useRoom();
  const refused = useLinkState((state) => (state.kind === 'refused' ? state.reason : null));
  if (refused !== null && desktop === null) return <Refused reason={refused} />;
  return (
    <Suspense fallback={null}>
      <Wallboard />
    </Suspense>
  );
}
