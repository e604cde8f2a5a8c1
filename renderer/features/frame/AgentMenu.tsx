import { ActionItem, MenuSeparator } from '../../components/Menu.tsx';

/** Everything that can be done to one agent, as menu entries. */
export function AgentMenu({ agent }: { readonly agent: string }) {
  return (
    <>
      <ActionItem id="agent.openTerminal" agent={agent} />
      <ActionItem id="agent.shell" agent={agent} />
      <ActionItem id="agent.mail" agent={agent} />
      <ActionItem id="agent.compose" agent={agent} />
      <ActionItem id="agent.nudge" agent={agent} />
      <ActionItem id="agent.review" agent={agent} />
      <ActionItem id="agent.merge" agent={agent} />
      <MenuSeparator />
      <ActionItem id="agent.takeOver" agent={agent} />
      <ActionItem id="agent.handBack" agent={agent} />
      <ActionItem id="agent.pause" agent={agent} />
      <ActionItem id="agent.retry" agent={agent} />
      <ActionItem id="agent.stop" agent={agent} />
    </>
  );
}
