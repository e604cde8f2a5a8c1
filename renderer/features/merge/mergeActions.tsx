import type { MergeView } from '../../../contract/merges.ts';
import { callEngine } from '../../actions/calls.ts';
import { ConfirmDialog } from '../../actions/dialogs.tsx';
import { openThread, showScreen } from '../../actions/navigation.ts';
import type { Action } from '../../actions/registry.ts';
import { openDialog } from '../../actions/roomActions.tsx';
import type { Room } from '../../stores/room.ts';
import { showableLine } from '../../stores/showable.ts';
import { AcceptDialog } from './AcceptDialog.tsx';
import { mergeAll, mergeBranch } from './mergeCalls.ts';
import { countWaiting, mergeName, mergeState } from './mergeRules.ts';
import { chosenMerge, mergeStore } from './mergeStore.ts';

/** Milliseconds a look at everything may take: a hundred large worktrees on a slow disk. */
const LOOK_MS = 300_000;

const waiting = (room: Room): number => countWaiting(room.topics.merges.getState().state.byId);

/** An action on the chosen entry of the queue, offered on the Merge screen. */
function forMerge(
  id: string,
  title: (merge: MergeView | null) => string,
  run: (merge: MergeView, room: Room) => void | Promise<void>,
  more: {
    readonly applies?: (merge: MergeView) => boolean;
    readonly shortcut?: string;
    readonly keywords?: string;
    readonly live?: boolean;
  } = {},
): Action {
  const named = (room: Room): MergeView | null => (room.ui.getState().screen === 'merge' ? chosenMerge(room) : null);
  return {
    id,
    group: 'Merge',
    title({ room }) {
      const merge = named(room);
      return merge === null ? title(null) : `${title(merge)} · ${showableLine(mergeName(merge))}`;
    },
    ...(more.shortcut === undefined ? {} : { shortcut: more.shortcut }),
    ...(more.keywords === undefined ? {} : { keywords: more.keywords }),
    live: more.live ?? true,
    when({ room }) {
      const merge = named(room);
      return merge !== null && (more.applies?.(merge) ?? true);
    },
    run({ room }) {
      const merge = named(room);
      return merge === null ? undefined : run(merge, room);
    },
  };
}

export function canMerge(merge: MergeView): boolean {
  const state = mergeState(merge);
  return state !== 'merging' && state !== 'merged';
}

/** Words of the button that merges an entry. */
export function mergeVerb(merge: MergeView | null): string {
  if (merge === null) return 'Merge the chosen branch';
  return mergeState(merge) === 'waiting' ? 'Merge now' : 'Merge again';
}

export function acceptVerb(merge: MergeView | null): string {
  if (merge === null) return 'Accept what holds the merge…';
  return merge.hold?.kind === 'gates' ? 'Accept the failing check…' : 'Accept the loss…';
}

/** Asks, then lets a held merge in. */
export function askToAccept(room: Room, merge: MergeView): void {
  if (merge.hold === undefined)
    room.notices.say('error', `${mergeName(merge)} is not held any more; see the Merge screen.`);
  else openDialog(room, (close) => <AcceptDialog merge={merge} close={close} />);
}

async function copyWorktree(room: Room, merge: MergeView): Promise<void> {
  const told = await callEngine(room, 'merges.detail', { id: merge.id });
  if (!told.ok) return;
  const { worktree } = told.value;
  if (worktree === null) {
    room.notices.say('error', `The worktree of ${mergeName(merge)} is gone; its branch is ${merge.branchName}.`);
    return;
  }
  try {
    await navigator.clipboard.writeText(worktree);
    room.notices.say('info', 'Copied the path of the worktree.');
  } catch {
    // Without permission for the clipboard the person copies it by hand.
    room.notices.say('info', worktree);
  }
}

/** What can be done with the merge queue and the radar. */
export const mergeActions: readonly Action[] = [
  {
    id: 'merge.all',
    live: true,
    group: 'Merge',
    title: ({ room }) => `Merge everything that waits (${waiting(room)})`,
    keywords: 'queue branches all',
    when: ({ room }) => waiting(room) > 0,
    run: ({ room }) => mergeAll(room),
  },
  forMerge('merge.now', mergeVerb, (merge, room) => void mergeBranch(room, merge), {
    applies: canMerge,
    shortcut: 'Shift+M',
    keywords: 'retry again',
  }),
  forMerge('merge.accept', acceptVerb, (merge, room) => askToAccept(room, merge), {
    applies: (merge) => merge.hold !== undefined,
    shortcut: 'Shift+A',
    keywords: 'held loss gates',
  }),
  forMerge(
    'merge.cancel',
    () => 'Cancel the merge',
    async (merge, room) => {
      const done = await callEngine(room, 'merges.cancel', { id: merge.id });
      if (done.ok) room.notices.say('info', 'Cancelled: nothing has changed.');
    },
    { applies: (merge) => mergeState(merge) === 'merging', keywords: 'stop end' },
  ),
  forMerge(
    'merge.skip',
    () => 'Take out of the queue…',
    (merge, room) =>
      openDialog(room, (close) => (
        <ConfirmDialog
          title={`Take ${showableLine(mergeName(merge))} out of the queue?`}
          text={`The branch ${showableLine(merge.branchName)} stays as it is and can be merged by name later.`}
          confirm="Take out"
          close={close}
          onConfirm={() => void callEngine(room, 'merges.skip', { id: merge.id })}
        />
      )),
    { applies: canMerge, shortcut: 'Shift+X', keywords: 'skip remove' },
  ),
  forMerge(
    'merge.thread',
    () => 'Open mail',
    (merge, room) => openThread(room, `agent:${merge.agentName}`, null),
    {
      applies: (merge) => merge.agentName !== 'unknown',
      live: false,
    },
  ),
  forMerge(
    'merge.review',
    () => 'Review changes',
    (merge, room) => {
      room.actions.run('agent.review', room, merge.agentName);
    },
    {
      applies: (merge) => merge.agentName !== 'unknown',
      keywords: 'diff comments files',
    },
  ),
  forMerge(
    'merge.copyWorktree',
    () => 'Copy path of the worktree',
    (merge, room) => copyWorktree(room, merge),
    {
      keywords: 'folder clipboard',
    },
  ),
  {
    id: 'radar.show',
    group: 'Merge',
    title: () => 'Collision radar',
    keywords: 'conflicts matrix predicted order',
    run({ room }) {
      mergeStore(room).setState({ part: 'radar' });
      showScreen(room, 'merge');
    },
  },
  {
    id: 'radar.look',
    live: true,
    group: 'Merge',
    title: () => 'Look for collisions now',
    keywords: 'radar refresh',
    async run({ room }) {
      const store = mergeStore(room);
      if (store.getState().looking) return;
      store.setState({ looking: true });
      await callEngine(room, 'radar.look', {}, { timeoutMs: LOOK_MS });
      store.setState({ looking: false });
    },
  },
];
