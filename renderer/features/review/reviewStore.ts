import { z } from 'zod';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Drafts } from '../../stores/drafts.ts';
import { useRoom } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';
import type { DiffMode, ReviewComment } from './reviewRules.ts';

/** What a person has written on one agent's work and not sent yet. */
export interface ReviewDraft {
  /** One without words is being written for the first time. */
  readonly comments: readonly ReviewComment[];
  /** Words about the whole. */
  readonly note: string;
  /** Words in the open editors, by comment: not added, but not lost either. Apart, so that typing redraws no lines. */
  readonly open: Readonly<Record<number, string>>;
}

export const NO_DRAFT: ReviewDraft = { comments: [], note: '', open: {} };

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
      open: z.string().optional(),
    }),
  ),
});

/** Drafts outlive dialogue, screen and page: they go when they are sent or thrown away. */
export interface ReviewState {
  readonly drafts: Readonly<Record<string, ReviewDraft>>;
  /** File that was looked at last, by agent. */
  readonly files: Readonly<Record<string, string>>;
  readonly mode: DiffMode;
  /** The comment whose editor takes the keyboard as soon as it is there. */
  readonly focus: number | null;
}

/** One a page: a replay of the room shares it, as it shares what is kept. */
const stores = new WeakMap<Drafts, StoreApi<ReviewState>>();
let comments = 0;

export function reviewStore(room: Room): StoreApi<ReviewState> {
  const held = stores.get(room.drafts);
  if (held !== undefined) return held;
  const made = createStore<ReviewState>(() => ({ drafts: {}, files: {}, mode: 'unified', focus: null }));
  stores.set(room.drafts, made);
  takeUp(room, made);
  return made;
}

/** Brings back what was kept, as soon as the project is known. */
function takeUp(room: Room, store: StoreApi<ReviewState>): void {
  const status = room.topics.status;
  const ready = () => status.getState().state.value !== null;
  const fill = () => {
    const kept = [...room.drafts.list(KeptDraft, 'review')].map(([agent, draft]) => {
      const open: Record<number, string> = {};
      const all = draft.comments.map(({ open: words, ...comment }) => {
        const id = nextId();
        if (words !== undefined) open[id] = words;
        return { ...comment, id };
      });
      return [agent, { note: draft.note, comments: all, open }];
    });
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
  const comments = draft.comments
    .map((comment) => ({ ...comment, open: draft.open[comment.id] }))
    .filter(({ text, open = '' }) => text !== '' || open.trim() !== '');
  const empty = comments.length === 0 && draft.note.trim() === '';
  room.drafts.keep('review', agent, empty ? null : { note: draft.note, comments });
}

function closed(open: ReviewDraft['open'], id: number): ReviewDraft['open'] {
  const { [id]: _gone, ...rest } = open;
  return rest;
}

/** The comments as they would be sent now: those in open editors with the words that stand there. Pure. */
export function writtenComments(draft: ReviewDraft): readonly ReviewComment[] {
  return draft.comments.flatMap((comment) => {
    const words = draft.open[comment.id] ?? '';
    const text = words.trim() === '' ? comment.text : words;
    return text === '' ? [] : [{ ...comment, text }];
  });
}

/** Opens an editor on these lines, or goes on in the one that is open there; one left without words elsewhere goes. */
export function beginComment(room: Room, agent: string, comment: Omit<ReviewComment, 'id' | 'text'>): void {
  closeEmpty(room, agent);
  const { path, side, from, to } = comment;
  const begun = reviewStore(room)
    .getState()
    .drafts[agent]?.comments.find(
      (one) => one.text === '' && one.path === path && one.side === side && one.from === from && one.to === to,
    );
  const id = begun?.id ?? nextId();
  if (begun === undefined)
    change(room, agent, (draft) => ({
      ...draft,
      comments: [...draft.comments, { ...comment, text: '', id }],
      open: { ...draft.open, [id]: '' },
    }));
  reviewStore(room).setState({ focus: id });
}

/** Takes away what was begun and has no words. */
export function closeEmpty(room: Room, agent: string): void {
  const draft = reviewStore(room).getState().drafts[agent];
  const blank = draft?.comments.filter(({ id, text }) => text === '' && (draft.open[id] ?? '').trim() === '') ?? [];
  for (const { id } of blank) removeComment(room, agent, id);
}

/** Opens the editor of a comment. */
export function openComment(room: Room, agent: string, { id, text }: ReviewComment): void {
  change(room, agent, (draft) => ({ ...draft, open: { ...draft.open, [id]: text } }));
  reviewStore(room).setState({ focus: id });
}

/** Keeps what stands in an open editor. */
export function writeComment(room: Room, agent: string, id: number, words: string): void {
  change(room, agent, (draft) => ({ ...draft, open: { ...draft.open, [id]: words } }));
}

/** The words of an open editor become those of its comment. */
export function saveComment(room: Room, agent: string, id: number): void {
  change(room, agent, (draft) => {
    const text = draft.open[id] ?? '';
    const comments = draft.comments.map((comment) =>
      comment.id === id && text.trim() !== '' ? { ...comment, text } : comment,
    );
    return { ...draft, comments, open: closed(draft.open, id) };
  });
}

/** Closes an editor without its words; a comment that was never added goes with it. */
export function cancelComment(room: Room, agent: string, id: number): void {
  change(room, agent, (draft) => ({
    ...draft,
    comments: draft.comments.filter((comment) => comment.id !== id || comment.text !== ''),
    open: closed(draft.open, id),
  }));
}

/** A comment stands elsewhere: its lines moved. */
export function moveComment(
  room: Room,
  agent: string,
  id: number,
  more: Pick<ReviewComment, 'from' | 'to' | 'head'>,
): void {
  change(room, agent, (draft) => ({
    ...draft,
    comments: draft.comments.map((comment) => (comment.id === id ? { ...comment, ...more } : comment)),
  }));
}

export function removeComment(room: Room, agent: string, id: number): void {
  change(room, agent, (draft) => ({
    ...draft,
    comments: draft.comments.filter((comment) => comment.id !== id),
    open: closed(draft.open, id),
  }));
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
