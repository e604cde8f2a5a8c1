import type { AttentionItem } from '../../../contract/attention.ts';
import { callEngine } from '../../actions/calls.ts';
import { openThread } from '../../actions/navigation.ts';
import { threadOf } from '../../stores/mailFolders.ts';
import type { Room } from '../../stores/room.ts';
import type { ChoiceCommand } from './attentionChoices.ts';

/** Opens what an item is about: its mail thread, or the terminal of its agent. */
export function openItem(room: Room, item: AttentionItem): void {
  const message = item.mailId === null ? undefined : room.mailbox.store.getState().byId[item.mailId];
  if (message !== undefined) openThread(room, 'all', threadOf(message));
  else if (item.agent !== null) room.actions.run('agent.openTerminal', room, item.agent);
}

/** Takes an item off the queue without answering it; it stays off after a restart. */
export async function dismissItem(room: Room, item: AttentionItem): Promise<boolean> {
  return (await callEngine(room, 'attention.dismiss', { id: item.id })).ok;
}

async function mergeAgain(room: Room, item: AttentionItem): Promise<boolean> {
  const merge = item.mergeId === null ? undefined : room.topics.merges.getState().state.byId[String(item.mergeId)];
  if (merge === undefined) {
    room.notices.say('error', 'This merge is no longer in the queue; dismiss the item.');
    return false;
  }
  const tried = await callEngine(room, 'merges.run', { branch: merge.branchName });
  if (!tried.ok) return false;
  const failed = tried.value.results.find((result) => !result.success);
  if (failed !== undefined) {
    room.notices.say('error', failed.errorMessage ?? `${merge.branchName} still conflicts.`);
    return false;
  }
  room.notices.say('info', `${merge.branchName} is merged.`);
  return true;
}

/**
 * Does what a choice says. True when the item is settled and the queue may move on; false when it stays (a failure,
 * which was shown, or a choice that only opens something).
 */
export async function runChoice(room: Room, item: AttentionItem, command: ChoiceCommand): Promise<boolean> {
  switch (command.do) {
    case 'answer':
      return (await callEngine(room, 'attention.answer', { id: item.id, answer: command.text })).ok;
    case 'retry':
      if (item.agent === null) return false;
      return (await callEngine(room, 'agents.retry', { agentName: item.agent })).ok;
    case 'stop':
      room.actions.run('agent.stop', room, item.agent);
      return false;
    case 'takeOver':
      room.actions.run('agent.takeOver', room, item.agent);
      return false;
    case 'openTerminal':
      room.actions.run('agent.openTerminal', room, item.agent);
      return false;
    case 'mergeAgain':
      return mergeAgain(room, item);
    case 'skipMerge':
      if (item.mergeId === null) return false;
      return (await callEngine(room, 'merges.skip', { id: item.mergeId })).ok;
    case 'resend':
      if (item.mailId === null) return false;
      return (await callEngine(room, 'mail.resend', { messageId: item.mailId })).ok;
    case 'openThread':
      openItem(room, item);
      return false;
  }
}
