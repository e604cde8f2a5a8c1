import { z } from 'zod';
import { CAPABILITIES, type Capability } from '../../contract/agents.ts';
import { MAIL_PRIORITIES, MAIL_TYPES, type MailPriority, type MailType } from '../../contract/mail.ts';

/** Whether a command is meant to succeed: `fail` turns success into the failure, `any` accepts both. */
export type Expectation = 'ok' | 'fail' | 'any';

/** One thing a rehearsal agent does. The words are those of docs/rehearsal.md. */
export type Step =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'think'; readonly milliseconds: number }
  | { readonly kind: 'sleep'; readonly milliseconds: number }
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly content: string }
  | { readonly kind: 'append'; readonly path: string; readonly content: string }
  | { readonly kind: 'edit'; readonly path: string; readonly find: string; readonly replace: string }
  | {
      readonly kind: 'run';
      readonly command: string;
      readonly expect: Expectation;
      readonly timeoutSeconds: number;
      /** Asks the hooks of the launch first. */
      readonly guarded: boolean;
    }
  | { readonly kind: 'commit'; readonly message: string }
  | {
      readonly kind: 'mail';
      readonly to: string;
      readonly type: MailType;
      readonly priority: MailPriority;
      readonly subject: string;
      readonly body: string;
      readonly payload: Readonly<Record<string, unknown>> | null;
    }
  | { readonly kind: 'reply'; readonly body: string }
  | {
      readonly kind: 'ask';
      readonly to: string;
      readonly subject: string;
      readonly question: string;
      readonly options: readonly string[];
    }
  | { readonly kind: 'taskDone'; readonly summary: string; readonly verdict: 'PASS' | 'FAIL' | null }
  | { readonly kind: 'mergeReady'; readonly branch: string; readonly taskId: string; readonly agentName: string }
  | {
      readonly kind: 'sling';
      readonly task: string;
      readonly capability: Capability;
      readonly name: string | null;
      readonly spec: string | null;
      readonly files: readonly string[];
      readonly parent: string;
      readonly flags: readonly string[];
    }
  | { readonly kind: 'merge'; readonly branch: string; readonly into: string | null; readonly expect: Expectation }
  | { readonly kind: 'ov'; readonly arguments: readonly string[]; readonly expect: Expectation }
  | { readonly kind: 'count'; readonly counter: string }
  | { readonly kind: 'remember'; readonly values: Readonly<Record<string, string>> }
  | {
      readonly kind: 'when';
      readonly value: string;
      readonly equals: string | null;
      readonly contains: string | null;
      readonly atLeast: number | null;
      readonly do: readonly Step[];
      readonly else: readonly Step[];
    }
  | { readonly kind: 'crash'; readonly code: number; readonly signal: CrashSignal | null; readonly once: boolean }
  | { readonly kind: 'fail'; readonly message: string; readonly status: number | null; readonly once: boolean }
  | { readonly kind: 'cost'; readonly usd: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'retry'; readonly attempts: number; readonly delayMs: number; readonly status: number | null }
  | { readonly kind: 'flood'; readonly megabytes: number; readonly to: 'log' | 'terminal'; readonly oneLine: boolean }
  | { readonly kind: 'broken'; readonly line: string };

export type StepKind = Step['kind'];
export type CrashSignal = 'SIGKILL' | 'SIGTERM' | 'SIGHUP' | 'SIGABRT';

/** Milliseconds. Longest pause a script may ask for; longer waiting is what `hang` or waiting for mail is for. */
const LONGEST_PAUSE_MS = 3_600_000;
/** Seconds a command may run before it is ended, unless the step says otherwise (the bash tool's own limit in claude). */
const COMMAND_TIMEOUT_S = 600;
/** Megabytes. Enough to prove any limit, small enough not to fill a disk by a typo. */
const LARGEST_FLOOD_MB = 1_024;

/** YAML reads `6` and `true` as such; a script means the text. */
const Text = z.union([z.string(), z.number(), z.boolean()], 'expected text').transform(String);
const NonEmpty = Text.refine((text) => text.trim() !== '', 'must not be empty');
const Pause = z.number('expected a number of milliseconds').min(0).max(LONGEST_PAUSE_MS);
const Expect = z.enum(['ok', 'fail', 'any']);
const Name = z.string().regex(/^[A-Za-z][\w-]*$/, 'must be a word of letters, digits, _ and -');

type Schemas = { readonly [Kind in StepKind]: z.ZodType<Extract<Step, { kind: Kind }>> };

/** Each step's own value, as a short form (plain text or number) or as a mapping. */
const SCHEMAS: Schemas = {
  say: NonEmpty.transform((text) => ({ kind: 'say', text })),
  think: Pause.transform((milliseconds) => ({ kind: 'think', milliseconds })),
  sleep: Pause.transform((milliseconds) => ({ kind: 'sleep', milliseconds })),
  read: NonEmpty.transform((path) => ({ kind: 'read', path })),
  write: z.strictObject({ path: NonEmpty, content: Text }).transform((step) => ({ kind: 'write', ...step })),
  append: z.strictObject({ path: NonEmpty, content: NonEmpty }).transform((step) => ({ kind: 'append', ...step })),
  edit: z
    .strictObject({ path: NonEmpty, find: NonEmpty, replace: Text })
    .transform((step) => ({ kind: 'edit', ...step })),
  run: short(
    'command',
    z.strictObject({
      command: NonEmpty,
      expect: Expect.default('ok'),
      timeout: z.number().positive().max(COMMAND_TIMEOUT_S).default(COMMAND_TIMEOUT_S),
      guarded: z.boolean().default(false),
    }),
  ).transform(({ timeout, ...step }) => ({ kind: 'run', ...step, timeoutSeconds: timeout })),
  commit: NonEmpty.transform((message) => ({ kind: 'commit', message })),
  mail: z
    .strictObject({
      to: NonEmpty.default('parent'),
      type: z.enum(MAIL_TYPES).default('status'),
      priority: z.enum(MAIL_PRIORITIES).default('normal'),
      subject: NonEmpty,
      body: NonEmpty,
      payload: z.record(z.string(), z.unknown()).nullable().default(null),
    })
    .transform((step) => ({ kind: 'mail', ...step })),
  reply: short('body', z.strictObject({ body: NonEmpty })).transform((step) => ({ kind: 'reply', ...step })),
  ask: z
    .strictObject({
      to: NonEmpty.default('operator'),
      subject: NonEmpty,
      question: NonEmpty,
      options: z.array(NonEmpty).min(2, 'a question needs at least two options'),
    })
    .transform((step) => ({ kind: 'ask', ...step })),
  taskDone: short(
    'summary',
    z.strictObject({ summary: NonEmpty.default('Done.'), verdict: z.enum(['PASS', 'FAIL']).nullable().default(null) }),
  ).transform((step) => ({ kind: 'taskDone', ...step })),
  mergeReady: short(
    'branch',
    z.strictObject({
      branch: NonEmpty.default('{{payload.branch}}'),
      taskId: NonEmpty.default('{{payload.taskId}}'),
      agentName: NonEmpty.default('{{mail.from}}'),
    }),
  ).transform((step) => ({ kind: 'mergeReady', ...step })),
  sling: z
    .strictObject({
      task: NonEmpty,
      capability: z.enum(CAPABILITIES).default('builder'),
      name: NonEmpty.nullable().default(null),
      spec: NonEmpty.nullable().default(null),
      files: z.array(NonEmpty).default([]),
      parent: NonEmpty.default('self'),
      flags: z.array(NonEmpty).default([]),
    })
    .transform((step) => ({ kind: 'sling', ...step })),
  merge: short(
    'branch',
    z.strictObject({
      branch: NonEmpty.default('{{payload.branch}}'),
      into: NonEmpty.nullable().default(null),
      expect: Expect.default('any'),
    }),
  ).transform((step) => ({ kind: 'merge', ...step })),
  ov: z
    .union([z.array(Text).min(1), z.strictObject({ arguments: z.array(Text).min(1), expect: Expect.default('ok') })])
    .transform((value) =>
      Array.isArray(value)
        ? { kind: 'ov', arguments: value, expect: 'ok' }
        : { kind: 'ov', arguments: value.arguments, expect: value.expect },
    ),
  count: Name.transform((counter) => ({ kind: 'count', counter })),
  remember: z.record(Name, Text).transform((values) => ({ kind: 'remember', values })),
  when: z
    .strictObject({
      counter: Name.optional(),
      value: Text.optional(),
      equals: Text.nullable().default(null),
      contains: Text.nullable().default(null),
      atLeast: z.number().nullable().default(null),
      do: z.lazy(() => Steps).default([]),
      else: z.lazy(() => Steps).default([]),
    })
    .superRefine((step, context) => {
      if ((step.counter === undefined) === (step.value === undefined)) {
        context.addIssue({ code: 'custom', message: 'needs either counter or value' });
      }
      const tests = [step.equals, step.contains, step.atLeast].filter((test) => test !== null);
      if (tests.length !== 1) {
        context.addIssue({ code: 'custom', message: 'needs exactly one of equals, contains and atLeast' });
      }
    })
    .transform(({ counter, value, ...step }) => ({
      kind: 'when',
      ...step,
      value: counter === undefined ? (value ?? '') : `{{count.${counter}}}`,
    })),
  crash: optional(
    z.strictObject({
      code: z.number().int().min(0).max(255).default(1),
      signal: z.enum(['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGABRT']).nullable().default(null),
      once: z.boolean().default(true),
    }),
  ).transform((step) => ({ kind: 'crash', ...step })),
  fail: short(
    'message',
    z.strictObject({
      message: NonEmpty.default('The rehearsal failed this turn on purpose.'),
      status: z.number().int().min(100).max(599).nullable().default(null),
      once: z.boolean().default(true),
    }),
  ).transform((step) => ({ kind: 'fail', ...step })),
  cost: z
    .number('expected US dollars')
    .min(0)
    .transform((usd) => ({ kind: 'cost', usd })),
  hang: z.union([z.null(), z.literal(true)], 'takes no value').transform(() => ({ kind: 'hang' })),
  retry: optional(
    z.strictObject({
      attempts: z.number().int().min(1).max(20).default(1),
      delayMs: Pause.default(500),
      status: z.number().int().min(100).max(599).nullable().default(529),
    }),
  ).transform((step) => ({ kind: 'retry', ...step })),
  flood: z
    .strictObject({
      megabytes: z.number().positive().max(LARGEST_FLOOD_MB),
      to: z.enum(['log', 'terminal']).default('log'),
      oneLine: z.boolean().default(false),
    })
    .transform((step) => ({ kind: 'flood', ...step })),
  broken: z.string().transform((line) => ({ kind: 'broken', line })),
};

/** Every step word, in the order of the documentation. */
export const STEP_KINDS = Object.keys(SCHEMAS) as StepKind[];

/** One entry of a list of steps: a mapping with the step's word as its only key, or the bare word. */
const StepEntry: z.ZodType<Step> = z.unknown().transform((raw, context): Step => {
  const entry = typeof raw === 'string' ? { [raw]: null } : raw;
  const keys = typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? Object.keys(entry) : [];
  const word = keys[0];
  if (word === undefined || keys.length !== 1) {
    const found = keys.length > 1 ? `found ${keys.join(', ')} (an indentation too little?)` : 'found something else';
    context.addIssue({ code: 'custom', message: `expected one step such as "say: Hello", ${found}` });
    return z.NEVER;
  }
  if (!isStepKind(word)) {
    const message = `unknown step "${word}": use one of ${STEP_KINDS.join(', ')}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  const parsed = SCHEMAS[word].safeParse((entry as Record<string, unknown>)[word]);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    context.addIssue({ code: 'custom', message: `${word}: ${issue.message}`, path: [word, ...issue.path] });
  }
  return z.NEVER;
});

export const Steps: z.ZodType<readonly Step[]> = z.array(StepEntry, 'expected a list of steps');

function isStepKind(word: string): word is StepKind {
  return Object.hasOwn(SCHEMAS, word);
}

/** Lets a step be written as plain text for its main field, or bare when every field has a default. */
function short<Schema extends z.ZodObject>(field: string, schema: Schema) {
  return z.preprocess((raw) => (raw === null ? {} : isScalar(raw) ? { [field]: raw } : raw), schema);
}

/** Lets a step be written bare when every field has a default. */
function optional<Schema extends z.ZodObject>(schema: Schema) {
  return z.preprocess((raw) => (raw === null ? {} : raw), schema);
}

function isScalar(raw: unknown): boolean {
  return typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean';
}
