import type { ReactNode } from 'react';
import { EmptyState } from '../../components/EmptyState.tsx';
import { useRoom } from '../../stores/hooks.ts';

/** Stands in for what an empty screen offers to do: in a replay there was nothing, and nothing can be done. */
export function NothingThen({ what, children }: { readonly what: string; readonly children: ReactNode }) {
  const { replay } = useRoom();
  return replay === null ? (
    children
  ) : (
    <EmptyState title={`No ${what} at this moment`} text="Play, or go to a later moment on the line above." />
  );
}

/** Stands in for what is read from the present state of the project, and is therefore not part of a replay. */
export function OnlyLive({ what, children }: { readonly what: string; readonly children: ReactNode }) {
  const { replay } = useRoom();
  return replay === null ? (
    children
  ) : (
    <EmptyState title={`${what} in a replay`} text="It is read from the project as it is now. Go live to see it." />
  );
}
