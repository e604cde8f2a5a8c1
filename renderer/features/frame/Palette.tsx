import { ACTION_GROUPS } from '../../../contract/shellActions.ts';
import { shortcutOf } from '../../actions/keyBindings.ts';
import { inspectAgent } from '../../actions/navigation.ts';
import { actionContext, isOffered } from '../../actions/registry.ts';
import { BareDialog } from '../../components/BareDialog.tsx';
import { CommandGroup, CommandItem, CommandList } from '../../components/CommandList.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { useRoom, useTopic, useUi } from '../../stores/hooks.ts';

function PaletteContent({ close }: { close(): void }) {
  const room = useRoom();
  const agents = useTopic('agents', ({ byId }) => byId);
  const keys = useUi((state) => state.keys);
  const context = actionContext(room);
  const actions = [...room.actions.store.getState().byId.values()].filter((action) => isOffered(action, context));
  return (
    <CommandList label="Commands" placeholder="Type a command or the name of an agent">
      {ACTION_GROUPS.map((group) => {
        const members = actions.filter((action) => action.group === group);
        return members.length === 0 ? null : (
          <CommandGroup key={group} heading={group}>
            {members.map((action) => (
              <CommandItem
                key={action.id}
                id={action.id}
                keywords={[action.title(context), group, action.keywords ?? '']}
                shortcut={shortcutOf(action, keys)}
                onSelect={() => {
                  close();
                  room.actions.run(action.id, room);
                }}
              >
                {action.title(context)}
              </CommandItem>
            ))}
          </CommandGroup>
        );
      })}
      <CommandGroup heading="Agents">
        {Object.values(agents).map((agent) => (
          <CommandItem
            key={agent.name}
            id={`agent:${agent.name}`}
            keywords={[agent.name, agent.capability, agent.taskId]}
            onSelect={() => {
              close();
              inspectAgent(room, agent.name);
            }}
          >
            <StatusMark status={agent.status} />
            <Line text={agent.name} />
          </CommandItem>
        ))}
      </CommandGroup>
    </CommandList>
  );
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
