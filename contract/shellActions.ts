import { z } from 'zod';

/** Headings of the page's actions: of the palette, of the list of keys, and of the desktop's application menu. */
export const ACTION_GROUPS = [
  'Go to',
  'Agent',
  'Fleet',
  'Mail',
  'Board',
  'Merge',
  'Terminal',
  'Replay',
  'Health',
  'Project',
  'View',
] as const;
export type ActionGroup = (typeof ACTION_GROUPS)[number];

/** Bounds of what the page publishes: characters of a field, and actions at once. */
export const ACTION_LIMITS = { id: 60, title: 100, keys: 40, count: 300 } as const;

/** Id of an action in the page's registry, such as `fleet.pause`. */
export const ActionId = z
  .string()
  .max(ACTION_LIMITS.id)
  .regex(/^[a-z][\w-]*(\.[\w-]+)+$/i);
export type ActionId = z.infer<typeof ActionId>;

/** One action as the desktop's menu shows it. */
export const PublishedAction = z.object({
  id: ActionId,
  group: z.enum(ACTION_GROUPS),
  /** Plain text on one line: no control or invisible characters. */
  title: z
    .string()
    .max(ACTION_LIMITS.title)
    .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029]+$/u),
  /** Keys it has now, as the page writes them (`Mod+Shift+P`, `?`); null when it has none. */
  keys: z
    .string()
    .max(ACTION_LIMITS.keys)
    .regex(/^((Mod|Alt|Shift)\+)*[^\s\p{Cc}\p{Cf}+]+$/u)
    .nullable(),
  enabled: z.boolean(),
});
export type PublishedAction = z.infer<typeof PublishedAction>;

/** All actions of a page; an id stands in it once. */
export const PublishedActions = z
  .array(PublishedAction)
  .max(ACTION_LIMITS.count)
  .refine((actions) => new Set(actions.map(({ id }) => id)).size === actions.length);
