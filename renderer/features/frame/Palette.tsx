import { ACTION_GROUPS } from '../../../contract/shellActions.ts';
import { shortcutOf } from '../../actions/keyBindings.ts';
import { inspectAgent } from '../../actions/navigation.ts';
import { actionContext, isOffered } from '../../actions/registry.ts';
import { BareDialog } from '../../components/BareDialog.tsx';
import { type CommandGroup, CommandList } from '../../components/CommandList.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { useRoom, useTopic, useUi } from '../../stores/hooks.ts';

function PaletteContent({ close }: { close(): void }) {
  const room = useRoom();
  const agents = useTopic('agents', ({ byId }) => byId);
  const keys = useUi((state) => state.keys);
  const context = actionContext(room);
  const actions = [...room.actions.store.getState().byId.values()].filter((action) => isOffered(action, context));
  const then = (work: () => void) => () => {
    close();
    work();
  };
  const groups: readonly CommandGroup[] = [
    ...ACTION_GROUPS.map((group) => ({
      heading: group,
      commands: actions
        .filter((action) => action.group === group)
        .map((action) => ({
          id: action.id,
          keywords: [action.title(context), group, action.keywords ?? ''],
          shortcut: shortcutOf(action, keys),
          content: action.title(context),
          onSelect: then(() => room.actions.run(action.id, room)),
        })),
    })),
    {
      heading: 'Agents',
      commands: Object.values(agents).map((agent) => ({
        id: `agent:${agent.name}`,
        keywords: [agent.name, agent.capability, agent.taskId],
        content: (
          <>
            <StatusMark status={agent.status} />
            <Line text={agent.name} />
          </>
        ),
        onSelect: then(() => inspectAgent(room, agent.name)),
      })),
    },
  ];
  return <CommandList label="Commands" placeholder="Type a command or the name of an agent" groups={groups} />;
}

/** Every action and every agent, by typing (Ctrl/Cmd+K). */
export function Palette() {
  const room = useRoom();
  const open = useUi((state) => state.paletteOpen);
  if (!open) return null;
  const close = () => room.ui.setState({ paletteOpen: false });
  return (
    <BareDialog label="Command palette" onClose={close}>
      <PaletteContent close={close} />
    </BareDialog>
  );
}
