import { useStore } from 'zustand';
import type { RunView } from '../../../contract/runs.ts';
import { BareDialog } from '../../components/BareDialog.tsx';
import { CommandList } from '../../components/CommandList.tsx';
import { clockTime, counted, longDuration } from '../../stores/format.ts';
import { useRoom } from '../../stores/hooks.ts';
import { liveRoom } from '../../stores/stage.ts';
import { openingOf, startReplay, stretchOf } from './startReplay.ts';

function words(run: RunView, now: number): string {
  const end = run.completedAt === null ? now : Date.parse(run.completedAt);
  const length = longDuration(end - Date.parse(run.startedAt));
  const state = run.status === 'active' ? 'goes on' : run.status;
  return `run ${clockTime(run.startedAt, now)} · ${length} · ${counted(run.agentCount, 'agent')} · ${state}`;
}

/** The runs there have been, the newest first. */
export function ChooseRun({ close }: { close(): void }) {
  const room = useRoom();
  const live = liveRoom(room);
  const byId = useStore(live.topics.runs, ({ state }) => state.byId);
  const now = live.clock.store.getState().now;
  const runs = Object.values(byId).sort((one, other) => other.startedAt.localeCompare(one.startedAt));
  const commands = runs.map((run) => ({
    id: run.id,
    keywords: [words(run, now)],
    content: words(run, now),
    onSelect: () => {
      const stretch = stretchOf(run);
      startReplay(room, stretch, openingOf(stretch));
    },
  }));
  return (
    <BareDialog label="Replay a run" onClose={close}>
      <CommandList label="Runs" placeholder="Which run?" groups={[{ heading: 'Runs', commands }]} />
    </BareDialog>
  );
}
