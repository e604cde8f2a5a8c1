/**
 * The calls agents make all day in their plain form, answered without the command line's parser, whose loading would be
 * half of their time. Whatever is not exactly such a call, or does not succeed at once, goes to the whole command line,
 * which says what is wrong in its own words.
 */
import type { RoomContract } from '../../contract/room.ts';
import type { TopicState } from '../../contract/wire/definition.ts';
import { askEngine } from './askEngine.ts';
import type { Invocation } from './command.ts';
import { callMailId, type SendRequest, type Sent, showSent } from './mailSent.ts';
import { projectAtAGlance } from './quickProject.ts';
import { SNAPSHOT_TOPICS, snapshotOf } from './roomStates.ts';
import { showStatus } from './status.ts';

/** Options of a quick call: true for one that takes a value. */
type OptionForms = Readonly<Record<string, boolean>>;

const COMMON: OptionForms = { '--json': false, '--quiet': false, '-q': false };

interface QuickCall {
  readonly words: readonly string[];
  readonly options: OptionForms;
  /** False when the whole command line has to take over; nothing has been printed then. */
  readonly run: (values: Values, invocation: Invocation, projectRoot: string) => Promise<boolean>;
}

type Values = ReadonlyMap<string, string | true>;

/** Each with the options it may carry here, which the command itself must know in the same form. */
export const QUICK_CALLS: readonly QuickCall[] = [
  {
    words: ['status'],
    options: { '--all': false },
    run: readStatus,
  },
  {
    words: ['mail', 'send'],
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
  const project = projectAtAGlance(process.cwd(), process.env.OVERSTORY_PROJECT_ROOT);
  if (project === null) return false;
  const quiet = values.has('--quiet') || values.has('-q');
  return call.run(values, { json: values.has('--json'), quiet, project: undefined }, project);
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

async function readStatus(values: Values, invocation: Invocation, projectRoot: string): Promise<boolean> {
  const states = await askEngine(
    projectRoot,
    SNAPSHOT_TOPICS.map((topic) => ({ topic })),
  );
  if (states === null) return false;
  // The engine answers what the contract says of these topics, as every client of it relies on.
  const [agents, attention, status] = states as readonly [
    TopicState<RoomContract, 'agents'>,
    TopicState<RoomContract, 'attention'>,
    TopicState<RoomContract, 'status'>,
  ];
  showStatus(invocation, snapshotOf(agents, attention, status), values.has('--all'));
  return true;
}

async function sendMail(values: Values, invocation: Invocation, projectRoot: string): Promise<boolean> {
  const text = (name: string): string | undefined => {
    const value = values.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const [to, subject, body] = [text('--to'), text('--subject'), text('--body')];
  if (to === undefined || subject === undefined || body === undefined) return false;
  const from = text('--agent') ?? text('--from') ?? (process.env.OVERSTORY_AGENT_NAME || 'orchestrator');
  const input: SendRequest = { id: await callMailId(), to, subject, body, from, type: 'status', priority: 'normal' };
  const answers = await askEngine(projectRoot, [{ call: 'mail.send', input }]);
  if (answers === null) return false;
  showSent(answers[0] as Sent, to, invocation);
  return true;
}
