import { z } from 'zod';
import type { PreferenceStorage } from './preferences.ts';

/** What a person can have written and not sent. */
export const DRAFT_KINDS = ['review', 'mail', 'reply', 'forward', 'task'] as const;
export type DraftKind = (typeof DRAFT_KINDS)[number];

/** The key of local storage that holds drafts of all projects; layout and choices have their own (preferences.ts). */
const STORAGE_KEY = 'overstory.drafts';

/**
 * What bounds drafts: how many there are, characters of one and of all (browsers allow about five million), characters of
 * a name, and milliseconds after which one that nobody touched is over.
 */
export const DRAFT_LIMITS = {
  count: 100,
  characters: 300_000,
  allCharacters: 1_500_000,
  name: 300,
  ageMs: 90 * 24 * 3_600_000,
} as const;

const Entry = z.object({
  project: z.string().max(4_096),
  kind: z.enum(DRAFT_KINDS),
  name: z.string().max(DRAFT_LIMITS.name),
  /** Milliseconds since 1970 of the last change. */
  at: z.number(),
  value: z.unknown(),
});
export type DraftEntry = z.infer<typeof Entry>;
const Entries = z.array(Entry).max(DRAFT_LIMITS.count);

/**
 * Entries with one more, or with the former one of its name changed; null when the bounds do not allow it. Nothing else is
 * ever pushed out, except what nobody touched for a long time. Pure.
 */
export function withDraft(entries: readonly DraftEntry[], next: DraftEntry): readonly DraftEntry[] | null {
  const others = without(entries, next).filter((entry) => next.at - entry.at < DRAFT_LIMITS.ageMs);
  const all = [...others, next];
  const fits =
    all.length <= DRAFT_LIMITS.count &&
    next.name.length <= DRAFT_LIMITS.name &&
    JSON.stringify(next).length <= DRAFT_LIMITS.characters &&
    JSON.stringify(all).length <= DRAFT_LIMITS.allCharacters;
  return fits ? all : null;
}

type DraftName = Pick<DraftEntry, 'project' | 'kind' | 'name'>;

function without(entries: readonly DraftEntry[], { project, kind, name }: DraftName): readonly DraftEntry[] {
  return entries.filter((entry) => entry.project !== project || entry.kind !== kind || entry.name !== name);
}

/**
 * Drafts of one room: they outlive a reload of the page and a restart of the desktop, and go when they are sent or thrown
 * away. They lie with the browser (in the desktop: in its user data), by project, and never reach the engine.
 */
export interface Drafts {
  /** The draft of that name; null when there is none, or none that can be read. */
  read<Value>(schema: z.ZodType<Value>, kind: DraftKind, name: string): Value | null;
  /** All drafts of a kind, by name. */
  list<Value>(schema: z.ZodType<Value>, kind: DraftKind): ReadonlyMap<string, Value>;
  /** Keeps a draft; null forgets it. */
  keep(kind: DraftKind, name: string, value: unknown): void;
}

export interface DraftParts {
  readonly storage: PreferenceStorage;
  /** Root of the project in front; null while it is not known. */
  project(): string | null;
  /** Milliseconds since 1970. */
  now(): number;
  /** Told once when drafts can no longer be kept. */
  refused(words: string): void;
}

/** Builds the shelf. Every access reads the storage anew, so that two pages of a project do not undo each other. */
export function createDrafts({ storage, project, now, refused }: DraftParts): Drafts {
  let told = false;
  const entries = (): readonly DraftEntry[] => {
    try {
      const text = storage?.getItem(STORAGE_KEY) ?? null;
      if (text === null || text.length > 2 * DRAFT_LIMITS.allCharacters) return [];
      const parsed = Entries.safeParse(JSON.parse(text));
      return parsed.success ? parsed.data : [];
    } catch {
      // Blocked storage, or text that is not ours: there are no drafts then.
      return [];
    }
  };
  const tell = () => {
    if (!told) refused('What you write is no longer kept over a reload: the drafts here are too many or too long.');
    told = true;
  };
  const write = (next: readonly DraftEntry[]) => {
    try {
      storage?.setItem(STORAGE_KEY, JSON.stringify(next));
    } catch {
      // A full storage: the words stay on the page, and the person knows that they are only there.
      tell();
    }
  };
  return {
    read(schema, kind, name) {
      const root = project();
      const held = entries().find((entry) => entry.project === root && entry.kind === kind && entry.name === name);
      const parsed = schema.safeParse(held?.value);
      return held !== undefined && parsed.success ? parsed.data : null;
    },
    list(schema, kind) {
      const root = project();
      return new Map(
        entries().flatMap((entry) => {
          const parsed = schema.safeParse(entry.value);
          return entry.project === root && entry.kind === kind && parsed.success ? [[entry.name, parsed.data]] : [];
        }),
      );
    },
    keep(kind, name, value) {
      const root = project();
      if (root === null || storage === null) return;
      const held = entries();
      if (value === null) {
        const left = without(held, { project: root, kind, name });
        if (left.length < held.length) write(left);
        return;
      }
      const next = withDraft(held, { project: root, kind, name, at: now(), value });
      if (next === null) tell();
      else write(next);
    },
  };
}
