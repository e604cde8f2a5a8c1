/** A live terminal as the pool sees it. */
export interface Pooled {
  dispose(): void;
}

export interface TerminalPool<Live extends Pooled> {
  /** The live terminal of that id, made when there is none. It is kept until as many `release`s have come. */
  acquire(id: string): Live;
  release(id: string): void;
  /** The live terminal when there is one, without counting as a use. */
  peek(id: string): Live | undefined;
  /** Throws a terminal away that will not be shown again. */
  forget(id: string): void;
  /** Throws all of them away; those that are shown go when they are released. */
  clear(): void;
  readonly size: number;
}

/** Live terminals at most: about 8 MB each (engineering.md 2.5), and each costs style work on every theme change. */
export const LIVE_TERMINALS = 8;

/**
 * Keeps the terminals that were shown last, so that going back to one paints it at once; the one not shown for longest
 * makes room and is attached afresh when it is shown again. Terminals in use are never thrown away.
 */
export function createTerminalPool<Live extends Pooled>(
  create: (id: string) => Live,
  most: number = LIVE_TERMINALS,
): TerminalPool<Live> {
  /** In the order of their last use, oldest first. */
  const entries = new Map<string, { readonly live: Live; uses: number }>();

  let over = false;

  const makeRoom = () => {
    for (const [id, entry] of entries) {
      if (entries.size <= (over ? 0 : most)) return;
      if (entry.uses > 0) continue;
      entries.delete(id);
      entry.live.dispose();
    }
  };
  return {
    acquire(id) {
      const entry = entries.get(id) ?? { live: create(id), uses: 0 };
      entries.delete(id);
      entries.set(id, entry);
      entry.uses += 1;
      makeRoom();
      return entry.live;
    },
    release(id) {
      const entry = entries.get(id);
      if (entry === undefined || entry.uses === 0) return;
      entry.uses -= 1;
      entries.delete(id);
      entries.set(id, entry);
      makeRoom();
    },
    peek: (id) => entries.get(id)?.live,
    forget(id) {
      const entry = entries.get(id);
      if (entry === undefined || entry.uses > 0) return;
      entries.delete(id);
      entry.live.dispose();
    },
    clear() {
      over = true;
      makeRoom();
    },
    get size() {
      return entries.size;
    },
  };
}
