import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { useRoom } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';
import type { DiffMode, ReviewComment } from './reviewRules.ts';

/** What a person has written on one agent's work and not sent yet. */
export interface ReviewDraft {
  readonly comments: readonly ReviewComment[];
  /** Words about the whole. */
  readonly note: string;
}

export const NO_DRAFT: ReviewDraft = { comments: [], note: '' };

/** Drafts outlive dialogue and screen: they go when they are sent or thrown away. */
export interface ReviewState {
  readonly drafts: Readonly<Record<string, ReviewDraft>>;
  /** File that was looked at last, by agent. */
  readonly files: Readonly<Record<string, string>>;
  readonly mode: DiffMode;
}

const stores = new WeakMap<Room, StoreApi<ReviewState>>();
let comments = 0;

export function reviewStore(room: Room): StoreApi<ReviewState> {
  const held = stores.get(room);
  if (held !== undefined) return held;
  const made = createStore<ReviewState>(() => ({ drafts: {}, files: {}, mode: 'unified' }));
  stores.set(room, made);
  return made;
}

export function useReview<Selected>(select: (state: ReviewState) => Selected): Selected {
  return useStore(reviewStore(useRoom()), select);
}

function change(room: Room, agent: string, next: (draft: ReviewDraft) => ReviewDraft): void {
  reviewStore(room).setState(({ drafts }) => ({ drafts: { ...drafts, [agent]: next(drafts[agent] ?? NO_DRAFT) } }));
}

export function addComment(room: Room, agent: string, comment: Omit<ReviewComment, 'id'>): void {
  comments += 1;
  const id = comments;
  change(room, agent, (draft) => ({ ...draft, comments: [...draft.comments, { ...comment, id }] }));
}

export function editComment(room: Room, agent: string, id: number, text: string): void {
  change(room, agent, (draft) => ({
    ...draft,
    comments: draft.comments.map((comment) => (comment.id === id ? { ...comment, text } : comment)),
  }));
}

export function removeComment(room: Room, agent: string, id: number): void {
  change(room, agent, (draft) => ({ ...draft, comments: draft.comments.filter((comment) => comment.id !== id) }));
}

export function setNote(room: Room, agent: string, note: string): void {
  change(room, agent, (draft) => ({ ...draft, note }));
}

export function dropDraft(room: Room, agent: string): void {
  reviewStore(room).setState(({ drafts }) => {
    const { [agent]: _gone, ...rest } = drafts;
    return { drafts: rest };
  });
}

export function showFile(room: Room, agent: string, path: string): void {
  reviewStore(room).setState(({ files }) => ({ files: { ...files, [agent]: path } }));
}
