/**
 * The calls agents make all day in their plain form, answered without the command line's parser, whose loading would be
 * half of their time. Whatever is not exactly such a call, or does not succeed at once, goes to the whole command line,
 * which says what is wrong in its own words.
 */
import type { Invocation } from './command.ts';
import { callMailId, type SendRequest, showSent } from './mailSent.ts';
import { liveEngine, requireProject } from './project.ts';
import { QUICK_WORDS } from './shortWays.ts';
import { showStatus } from './status.ts';

/** Options of a quick call: true for one that takes a value. */
type OptionForms = Readonly<Record<string, boolean>>;

const COMMON: OptionForms = { '--json': false, '--quiet': false, '-q': false, '--project': true };

interface QuickCall {
  readonly words: readonly string[];
  readonly options: OptionForms;
  /** False when the whole command line has to take over; nothing has been printed then. */
  readonly run: (values: Values, invocation: Invocation) => Promise<boolean>;
}

type Values = ReadonlyMap<string, string | true>;

/** Each with the options it may carry here, which the command itself must know in the same form. */
export const QUICK_CALLS: readonly QuickCall[] = [
  {
    words: QUICK_WORDS[0],
    options: { '--all': false },
    async run(values, invocation) {
      await showStatus(invocation, values.has('--all'));
      return true;
    },
  },
  {
    words: QUICK_WORDS[1],
    options: { '--to': true, '--subject': true, '--body': true, '--from': true, '--agent': true },
    run: sendMail,
  },
];

/** Runs a quick call; false for everything else. */
export async function runQuickCall(args: readonly string[]): Promise<boolean> {
  const call = QUICK_CALLS.find(({ words }) => words.every((word, index) => args[index] === word));
  if (call === undefined) return false;
  const values = readOptions(args.slice(call.words.length), { ...COMMON, ...call.options });
  if (values === null) return false;
  const project = values.get('--project');
  return call.run(values, {
    json: values.has('--json'),
    quiet: values.has('--quiet') || values.has('-q'),
    project: typeof project === 'string' ? project : undefined,
  });
}

/** Options in their plain form, the last of a kind counting; null when there is anything else. */
export function readOptions(args: readonly string[], forms: OptionForms): Values | null {
  const values = new Map<string, string | true>();
  for (let at = 0; at < args.length; at += 1) {
    const name = args[at] ?? '';
    const takesValue = Object.hasOwn(forms, name) ? forms[name] : undefined;
    if (takesValue === undefined) return null;
    if (takesValue) at += 1;
    const value = takesValue ? args[at] : true;
    if (value === undefined) return null;
    values.set(name, value);
  }
  return values;
}

async function sendMail(values: Values, invocation: Invocation): Promise<boolean> {
  const text = (name: string): string | undefined => {
    const value = values.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const [to, subject, body] = [text('--to'), text('--subject'), text('--body')];
  if (to === undefined || subject === undefined || body === undefined) return false;
  const project = await requireProject(invocation.project);
  if (!project.ok) return false;
  const engine = await liveEngine(project.value);
  if (!engine.ok || engine.value === null) return false;
  const from = text('--agent') ?? text('--from') ?? (process.env.OVERSTORY_AGENT_NAME || 'orchestrator');
  const request: SendRequest = { id: await callMailId(), to, subject, body, from, type: 'status', priority: 'normal' };
  const sent = await engine.value.call('mail.send', request);
  engine.value.close();
  if (sent.ok) showSent(sent.value, to, invocation);
  return sent.ok;
}
