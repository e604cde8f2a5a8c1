import { ATTENTION_KINDS, type AttentionItem, type AttentionKind } from '../../contract/attention.ts';
import { stableList } from './reuse.ts';

/** Word of a kind, as shown on its card. */
export const ATTENTION_WORDS: Readonly<Record<AttentionKind, string>> = {
  gate: 'decision gate',
  question: 'question',
  dead: 'dead agent',
  conflict: 'merge conflict',
  looping: 'repeats itself',
  login: 'login needed',
  quota: 'quota exhausted',
  resume: 'resume after restart',
  collision: 'predicted collision',
  deadLetter: 'dead letter',
  error: 'error',
};

/** Ids in the order they are worked through: by kind as the contract lists them, then the longest wait first. */
export const selectAttentionIds = stableList((byId: Readonly<Record<string, AttentionItem>>) =>
  Object.values(byId)
    .sort(
      (left, right) =>
        ATTENTION_KINDS.indexOf(left.kind) - ATTENTION_KINDS.indexOf(right.kind) ||
        left.at.localeCompare(right.at) ||
        left.id.localeCompare(right.id),
    )
    .map((item) => item.id),
);
