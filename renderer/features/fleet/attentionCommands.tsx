import type { AttentionItem } from '../../../contract/attention.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { callEngine } from '../../actions/calls.ts';
import { openThread } from '../../actions/navigation.ts';
import { threadOf } from '../../stores/mailFolders.ts';
import type { Room } from '../../stores/room.ts';
import { askToAccept } from '../merge/mergeActions.tsx';
import { mergeBranch } from '../merge/mergeCalls.ts';
import { type ChosenPair, type DetailPart, showCollision, showMerge } from '../merge/mergeStore.ts';
import type { ChoiceCommand } from './attentionChoices.ts';

/** Opens what an item is about: its merge, the two that would collide, its mail thread, or the terminal of its agent. */
export function openItem(room: Room, item: AttentionItem): void {
  const pair = item.kind === 'collision' ? collidingPair(item) : null;
  const message = item.mailId === null ? undefined : room.mailbox.store.getState().byId[item.mailId];
  if (pair !== null) showCollision(room, pair);
  else if (item.kind === 'conflict' && item.mergeId !== null) showMerge(room, item.mergeId, partFor(item));
  else if (message !== undefined) openThread(room, 'all', threadOf(message));
  else if (item.agent !== null) room.actions.run('agent.openTerminal', room, item.agent);
}

/** The part of a merge that says why it needs a person. */
function partFor({ held }: AttentionItem): DetailPart {
  if (held === undefined) return 'conflicts';
  return held === 'loss' ? 'audit' : 'checks';
}

/** Takes an item off the queue without answering it; it stays off after a restart. */
export async function dismissItem(room: Room, item: AttentionItem): Promise<boolean> {
  return (await callEngine(room, 'attention.dismiss', { id: item.id })).ok;
}

/** The merge an item is about; says so when it has left the queue. */
function mergeOf(room: Room, item: AttentionItem): MergeView | null {
  const merge = item.mergeId === null ? undefined : room.topics.merges.getState().state.byId[String(item.mergeId)];
  if (merge !== undefined) return merge;
  room.notices.say('error', 'This merge is no longer in the queue; dismiss the item.');
  return null;
}

/** The two agents of a predicted collision, as its id names them. */
function collidingPair(item: AttentionItem): ChosenPair | null {
  const [one, other] = item.id.replace(/^collision:/, '').split('+');
  return one === undefined || other === undefined ? null : { one, other };
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
    case 'mergeAgain': {
      const merge = mergeOf(room, item);
      return merge !== null && mergeBranch(room, merge);
    }
    case 'acceptHeld': {
      const merge = mergeOf(room, item);
      if (merge !== null) askToAccept(room, merge);
      return false;
    }
    case 'showMerge':
    case 'showCollision':
      openItem(room, item);
      return false;
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
