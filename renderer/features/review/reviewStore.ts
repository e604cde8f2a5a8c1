import { z } from 'zod';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Drafts } from '../../stores/drafts.ts';
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

/** A draft as it is kept over a reload; ids are given anew. */
const KeptDraft = z.object({
  note: z.string(),
  comments: z.array(
    z.object({
      path: z.string(),
      side: z.enum(['new', 'old']),
      from: z.number().int(),
      to: z.number().int(),
      quote: z.array(z.string()),
      head: z.string(),
      text: z.string(),
    }),
  ),
});

/** Drafts outlive dialogue, screen and page: they go when they are sent or thrown away. */
export interface ReviewState {
  readonly drafts: Readonly<Record<string, ReviewDraft>>;
  /** File that was looked at last, by agent. */
  readonly files: Readonly<Record<string, string>>;
  readonly mode: DiffMode;
}

/** One a page: a replay of the room shares it, as it shares what is kept. */
const stores = new WeakMap<Drafts, StoreApi<ReviewState>>();
let comments = 0;

export function reviewStore(room: Room): StoreApi<ReviewState> {
  const held = stores.get(room.drafts);
  if (held !== undefined) return held;
  const made = createStore<ReviewState>(() => ({ drafts: {}, files: {}, mode: 'unified' }));
  stores.set(room.drafts, made);
  takeUp(room, made);
  return made;
}

/** Brings back what was kept, as soon as the project is known. */
function takeUp(room: Room, store: StoreApi<ReviewState>): void {
  const status = room.topics.status;
  const ready = () => status.getState().state.value !== null;
  const fill = () => {
    const kept = [...room.drafts.list(KeptDraft, 'review')].map(([agent, draft]) => [
      agent,
      { note: draft.note, comments: draft.comments.map((comment) => ({ ...comment, id: nextId() })) },
    ]);
    if (kept.length > 0) store.setState(({ drafts }) => ({ drafts: { ...Object.fromEntries(kept), ...drafts } }));
  };
  if (ready()) {
    fill();
    return;
  }
  const stop = status.subscribe(() => {
    if (!ready()) return;
    stop();
    fill();
  });
}

function nextId(): number {
  comments += 1;
  return comments;
}

export function useReview<Selected>(select: (state: ReviewState) => Selected): Selected {
  return useStore(reviewStore(useRoom()), select);
}

function change(room: Room, agent: string, next: (draft: ReviewDraft) => ReviewDraft): void {
  const store = reviewStore(room);
  const draft = next(store.getState().drafts[agent] ?? NO_DRAFT);
  store.setState(({ drafts }) => ({ drafts: { ...drafts, [agent]: draft } }));
  const empty = draft.comments.length === 0 && draft.note.trim() === '';
  room.drafts.keep('review', agent, empty ? null : draft);
}

export function addComment(room: Room, agent: string, comment: Omit<ReviewComment, 'id'>): void {
  const id = nextId();
  change(room, agent, (draft) => ({ ...draft, comments: [...draft.comments, { ...comment, id }] }));
}

/** Changes the words of a comment, or where it stands when its lines moved. */
export function editComment(
  room: Room,
  agent: string,
  id: number,
  more: Partial<Pick<ReviewComment, 'text' | 'from' | 'to' | 'head'>>,
): void {
  change(room, agent, (draft) => ({
    ...draft,
    comments: draft.comments.map((comment) => (comment.id === id ? { ...comment, ...more } : comment)),
  }));
}

export function removeComment(room: Room, agent: string, id: number): void {
  change(room, agent, (draft) => ({ ...draft, comments: draft.comments.filter((comment) => comment.id !== id) }));
}

export function setNote(room: Room, agent: string, note: string): void {
  change(room, agent, (draft) => ({ ...draft, note }));
}

export function dropDraft(room: Room, agent: string): void {
  room.drafts.keep('review', agent, null);
  reviewStore(room).setState(({ drafts }) => {
    const { [agent]: _gone, ...rest } = drafts;
    return { drafts: rest };
  });
}

export function showFile(room: Room, agent: string, path: string): void {
  reviewStore(room).setState(({ files }) => ({ files: { ...files, [agent]: path } }));
}
