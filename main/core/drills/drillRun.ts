import { setTimeout as delay } from 'node:timers/promises';
import type { DrillStep } from '../../../contract/drills.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { assertNever, fail, ok, type Result } from '../../../contract/result.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import { createGit } from '../git/git.ts';
import type { Act, DrillPlan, Modes, Seen } from './drillPlan.ts';
import { WORK_FILE } from './drillPlan.ts';
import { type Freeze, freezeAgent } from './freeze.ts';
import type { Sandbox } from './sandboxProject.ts';

/** Milliseconds between two looks at the sandbox. */
const LOOK_MS = 200;
/** Lines of evidence kept, the newest ones. */
const EVIDENCE_LINES = 60;
const TASK = 'drill';

/** How a drill stands; told after every change. */
export interface Progress {
  readonly steps: readonly DrillStep[];
  readonly evidence: readonly { readonly at: string; readonly text: string }[];
}

/** The steps of a plan before anything was seen. */
export function firstSteps(plan: DrillPlan): readonly DrillStep[] {
  return plan.steps.map(({ expected }) => ({ expected, state: 'waiting', seen: '', at: null, afterMs: null }));
}

export interface DrillRunOptions {
  readonly sandbox: Sandbox;
  readonly agent: string;
  readonly plan: DrillPlan;
  readonly modes: Modes;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Holds one drill in its sandbox. @returns the line of the result; a failure is a step that was not seen. */
export async function runDrill(options: DrillRunOptions): Promise<Result<string>> {
  const { sandbox, agent, plan, clock, signal } = options;
  const { client } = sandbox;
  const steps: DrillStep[] = [...firstSteps(plan)];
  const evidence: { readonly at: string; readonly text: string }[] = [];
  const told = new Set<string>();
  const tell = (): void => options.onProgress({ steps: [...steps], evidence: evidence.slice(-EVIDENCE_LINES) });
  const note = (key: string, at: string, text: string): void => {
    if (told.has(key)) return;
    told.add(key);
    evidence.push({ at, text });
    tell();
  };
  const ends = [
    client.subscribe('timeline', ({ items }) => {
      for (const item of items)
        if (item.agent === agent) note(`timeline:${item.id}`, item.at, `${item.kind}: ${item.summary}`);
    }),
    client.subscribe('attention', ({ byId }) => {
      for (const item of Object.values(byId)) note(`attention:${item.id}`, item.at, `attention: ${item.title}`);
    }),
  ];
  const frozenBy: { freeze: Freeze | null } = { freeze: null };
  try {
    const startedAt = performance.now();
    let faultAt: number | null = null;
    const slung = await begin(client, agent, plan);
    if (!slung.ok) return slung;
    for (const [index, step] of plan.steps.entries()) {
      const blocked = step.blocked?.(options.modes) ?? null;
      if (blocked === null && step.act !== undefined) {
        const done = step.act === 'freeze' ? await beginFreeze() : await act(client, agent, step.act);
        if (!done.ok) return missed(index, done.error.message);
      }
      const deadline = performance.now() + step.within * 1_000;
      for (;;) {
        if (signal.aborted) return fail('cancelled', String(signal.reason));
        if (blocked !== null) return missed(index, blocked);
        const frozen = (await frozenBy.freeze?.look()) ?? null;
        if (frozen?.problem != null) return missed(index, frozen.problem);
        const found = step.look({ ...(await look(sandbox, agent)), frozen });
        const now = performance.now();
        if (found !== null) {
          if (step.isFault === true) faultAt ??= now;
          const afterMs = Math.round(now - (faultAt ?? startedAt));
          steps[index] = { expected: step.expected, state: 'seen', seen: found, at: timestamp(clock.now()), afterMs };
          tell();
          break;
        }
        if (now > deadline) return missed(index, `not seen within ${step.within} s`);
        await delay(LOOK_MS);
      }
    }
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    return ok(`${steps.length} of ${steps.length} steps seen in ${seconds} s`);
  } finally {
    frozenBy.freeze?.end();
    for (const end of ends) end();
  }

  async function beginFreeze(): Promise<Result<unknown>> {
    const begun = await freezeAgent(sandbox.root, agent);
    if (!begun.ok) return begun;
    frozenBy.freeze = begun.value;
    note('freeze', timestamp(clock.now()), 'fault: its processes are stopped (SIGSTOP)');
    return begun;
  }

  function missed(index: number, why: string): Result<string> {
    const step = steps[index];
    if (step === undefined) return fail('internal', why);
    steps[index] = { ...step, state: 'missed', seen: why, at: timestamp(clock.now()) };
    tell();
    return fail('invalidState', `${step.expected}: ${why}`);
  }
}

async function begin(client: RoomClient, agent: string, plan: DrillPlan): Promise<Result<unknown>> {
  const body = `# A fire drill\n\n\`\`\`rehearsal\n${plan.script}\n\`\`\`\n`;
  const written = await client.call('tasks.writeSpec', { id: TASK, body });
  if (!written.ok) return written;
  return client.call('agents.sling', {
    taskId: TASK,
    name: agent,
    capability: 'builder',
    runtime: 'rehearsal',
    skipTaskCheck: true,
  });
}

async function act(client: RoomClient, agentName: string, what: Exclude<Act, 'freeze'>): Promise<Result<unknown>> {
  switch (what) {
    case 'sendMail':
      return client.call('mail.send', {
        from: OPERATOR,
        to: agentName,
        type: 'question',
        subject: 'Do you read this?',
        body: 'A mail of a fire drill.',
      });
    case 'retry':
      return client.call('agents.retry', { agentName });
    case 'resend': {
      const retried = await client.call('agents.retry', { agentName });
      if (!retried.ok) return retried;
      const listed = await client.call('mail.list', { to: agentName });
      if (!listed.ok) return listed;
      // Trying again puts dead letters back into the queue; one that is left out is sent again by hand.
      const dead = listed.value.messages.find((mail) => mail.type === 'question' && mail.delivery?.state === 'dead');
      return dead === undefined ? ok({}) : client.call('mail.resend', { messageId: dead.id });
    }
    case 'stop':
      return client.call('agents.stop', { agentName });
    default:
      return assertNever(what);
  }
}

/** Everything the steps judge, read anew. What cannot be read right now is not seen yet. */
async function look({ client, root }: Sandbox, agentName: string): Promise<Omit<Seen, 'frozen'>> {
  const [agents, attention, mail, why, vault, file] = await Promise.all([
    client.snapshot('agents'),
    client.snapshot('attention'),
    client.snapshot('mail'),
    client.call('watchdog.why', { agentName }),
    client.call('vault.list', { agentName }),
    createGit(root)(['show', `overstory/${agentName}/${TASK}:${WORK_FILE}`]),
  ]);
  return {
    agent: agents.ok ? (agents.value.byId[agentName] ?? null) : null,
    evidence: why.ok ? why.value.evidence : null,
    attention: attention.ok ? Object.values(attention.value.byId) : [],
    mail: mail.ok
      ? Object.values(mail.value.byId)
          .filter((one) => one.from === agentName || one.to === agentName)
          .toSorted((left, right) => left.createdAt.localeCompare(right.createdAt))
      : [],
    actions: why.ok ? why.value.actions.toReversed() : [],
    snapshots: vault.ok ? vault.value.snapshots : [],
    committed: file.code === 0 ? file.stdout : null,
  };
}
