import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OPERATOR } from '../../contract/ids.ts';
import { displayCommand, runProgram } from './commands.ts';
import { CONTINUE, lookupOf, renderAll, type StepContext, type StepOutcome, wrong } from './context.ts';
import { filesModified } from './gitSteps.ts';
import type { Expectation, Step } from './steps.ts';
import { renderDeep } from './template.ts';

type StepOf<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>;
type OvStep = StepOf<'mail' | 'reply' | 'ask' | 'taskDone' | 'mergeReady' | 'sling' | 'merge' | 'ov'>;

/** Milliseconds an `ov` command may take; a merge with the project's own checks is the slowest. */
const OV_TIMEOUT_MS = 600_000;
/** Characters of a command's output kept for `{{last.output}}`. */
const KEPT_OUTPUT = 4_000;

/** Does a step that goes through the real `ov` command. */
export async function performOvStep(step: OvStep, context: StepContext): Promise<StepOutcome> {
  switch (step.kind) {
    case 'mail':
      return mail(step, context);
    case 'reply':
      return reply(step, context);
    case 'ask':
      return ask(step, context);
    case 'taskDone':
      return taskDone(step, context);
    case 'mergeReady':
      return mergeReady(step, context);
    case 'sling':
      return sling(step, context);
    case 'merge':
      return merge(step, context);
    case 'ov': {
      const rendered = renderDeep(step.arguments, lookupOf(context));
      if (!rendered.ok) return wrong(rendered.error.message);
      return judge(
        await ov(context, rendered.value as readonly string[]),
        step.expect,
        `ov ${step.arguments.join(' ')}`,
      );
    }
  }
}

async function mail(step: StepOf<'mail'>, context: StepContext): Promise<StepOutcome> {
  const rendered = renderAll(context, { to: step.to, subject: step.subject, body: step.body });
  if (!rendered.ok) return wrong(rendered.error.message);
  const payload = renderDeep(step.payload, lookupOf(context));
  if (!payload.ok) return wrong(payload.error.message);
  const { to, subject, body } = rendered.value;
  const sent = await send(context, { ...step, to, subject, body, payload: payload.value });
  return typeof sent === 'string' ? CONTINUE : wrong(sent.problem);
}

async function ask(step: StepOf<'ask'>, context: StepContext): Promise<StepOutcome> {
  const rendered = renderAll(context, { to: step.to, subject: step.subject, question: step.question });
  if (!rendered.ok) return wrong(rendered.error.message);
  const options = renderDeep(step.options, lookupOf(context));
  if (!options.ok) return wrong(options.error.message);
  const { to, subject, question } = rendered.value;
  // Options are repeated in the body, because not every reader shows payloads (spec 02 §5.11).
  const body = `${question}\n\n${(options.value as string[]).map((option, at) => `${at + 1}. ${option}`).join('\n')}`;
  const payload = { options: options.value, context: question };
  const sent = await send(context, { to, subject, body, payload, type: 'decision_gate', priority: 'high' });
  return typeof sent === 'string' ? { next: 'park', mailId: sent, subject } : wrong(sent.problem);
}

/** The role's terminal mail (spec 02 §5.12): what ends the agent's life. */
async function taskDone(step: StepOf<'taskDone'>, context: StepContext): Promise<StepOutcome> {
  const rendered = renderAll(context, { summary: step.summary });
  if (!rendered.ok) return wrong(rendered.error.message);
  const { identity } = context;
  const isMerger = identity.capability === 'merger';
  const verdict = step.verdict === null ? '' : ` - ${step.verdict}`;
  const payload = isMerger
    ? { branch: identity.branch, taskId: identity.task, tier: context.session().last.tier ?? 'clean-merge' }
    : {
        taskId: identity.task,
        branch: identity.branch,
        exitCode: 0,
        filesModified: await filesModified(context),
        ...(step.verdict === null ? {} : { verdict: step.verdict }),
      };
  const sent = await send(context, {
    to: 'parent',
    type: isMerger ? 'merged' : 'worker_done',
    priority: 'normal',
    subject: `${isMerger ? 'Merged' : 'Worker done'}: ${identity.task}${verdict}`,
    body: rendered.value.summary,
    payload,
  });
  return typeof sent === 'string' ? CONTINUE : wrong(sent.problem);
}

async function mergeReady(step: StepOf<'mergeReady'>, context: StepContext): Promise<StepOutcome> {
  const rendered = renderAll(context, { branch: step.branch, taskId: step.taskId, agentName: step.agentName });
  if (!rendered.ok) return wrong(rendered.error.message);
  const files = context.frame.mail?.payload.filesModified;
  const payload = { ...rendered.value, filesModified: Array.isArray(files) ? files : [] };
  const sent = await send(context, {
    to: 'parent',
    type: 'merge_ready',
    priority: 'normal',
    subject: `merge_ready: ${payload.taskId}`,
    body: `Branch ${payload.branch} of ${payload.agentName} is verified and ready to merge.`,
    payload,
  });
  return typeof sent === 'string' ? CONTINUE : wrong(sent.problem);
}

interface OutgoingMail {
  readonly to: string;
  readonly type: string;
  readonly priority: string;
  readonly subject: string;
  readonly body: string;
  readonly payload: unknown;
}

/** Sends a mail once, also when an earlier process was killed between sending and noting it. Gives the mail's id. */
async function send(context: StepContext, mail: OutgoingMail): Promise<string | { readonly problem: string }> {
  const { identity } = context;
  const to = mail.to === 'parent' ? (identity.parent ?? OPERATOR) : mail.to === 'self' ? identity.agent : mail.to;
  const before = await sentBefore(
    context,
    ['--to', to, '--type', mail.type],
    (found) => found.subject === mail.subject && found.body === mail.body,
  );
  if (before !== null) return before;
  const args = ['mail', 'send', '--to', to, '--type', mail.type, '--subject', mail.subject, '--body', mail.body];
  if (mail.priority !== 'normal') args.push('--priority', mail.priority);
  if (mail.payload !== null && mail.payload !== undefined) args.push('--payload', JSON.stringify(mail.payload));
  const answer = await ov(context, [...args, '--agent', identity.agent]);
  if (!answer.ok) return { problem: `mail to ${to} was not sent: ${answer.text}` };
  const id = answer.data.id;
  return typeof id === 'string' ? id : '';
}

async function reply(step: StepOf<'reply'>, context: StepContext): Promise<StepOutcome> {
  const original = context.frame.mail?.id ?? null;
  if (original === null) return wrong('reply needs a mail to answer: use it under "on"');
  const rendered = renderAll(context, { body: step.body });
  if (!rendered.ok) return wrong(rendered.error.message);
  const { body } = rendered.value;
  if ((await sentBefore(context, [], (found) => found.body === body)) !== null) return CONTINUE;
  const answer = await ov(context, ['mail', 'reply', original, '--body', body, '--agent', context.identity.agent]);
  return answer.ok ? CONTINUE : wrong(`the reply to ${original} was not sent: ${answer.text}`);
}

/** Id of a mail this very step sent in an earlier process; null when it did not, or was not tried yet. */
async function sentBefore(
  context: StepContext,
  filter: readonly string[],
  matches: (mail: Readonly<Record<string, unknown>>) => boolean,
): Promise<string | null> {
  const intent = context.session().intent;
  if (intent?.step !== context.stepKey) {
    await context.save({ intent: { step: context.stepKey, at: new Date().toISOString(), size: null } });
    return null;
  }
  const listed = await ov(context, ['mail', 'list', '--from', context.identity.agent, ...filter]);
  const mails = Array.isArray(listed.data.messages) ? (listed.data.messages as Record<string, unknown>[]) : [];
  const found = mails.find((one) => matches(one) && typeof one.createdAt === 'string' && one.createdAt >= intent.at);
  return typeof found?.id === 'string' ? found.id : null;
}

async function sling(step: StepOf<'sling'>, context: StepContext): Promise<StepOutcome> {
  const rendered = renderAll(context, { task: step.task, name: step.name, spec: step.spec, parent: step.parent });
  if (!rendered.ok) return wrong(rendered.error.message);
  const extra = renderDeep([step.files, step.flags], lookupOf(context));
  if (!extra.ok) return wrong(extra.error.message);
  const [files, flags] = extra.value as [readonly string[], readonly string[]];
  const { identity } = context;
  const { task } = rendered.value;
  // Always named, so that a process after a kill can tell whether the agent is there already.
  const name = rendered.value.name ?? `${step.capability}-${task}`.slice(0, 64);
  const parent = rendered.value.parent === 'self' ? identity.agent : rendered.value.parent;
  const spec = await specPath(rendered.value.spec, task, identity.projectRoot);

  const args = ['sling', task, '--capability', step.capability, '--name', name];
  args.push('--parent', parent, '--depth', String(identity.depth + 1));
  if (spec !== null) args.push('--spec', spec);
  if (files.length > 0) args.push('--files', files.join(','));
  // A rehearsal must not start paid agents because the project's default runtime is one.
  if (!flags.includes('--runtime')) args.push('--runtime', 'rehearsal');
  const tried = context.session().intent?.step === context.stepKey;
  if (!tried) await context.save({ intent: { step: context.stepKey, at: new Date().toISOString(), size: null } });
  const answer = await ov(context, [...args, ...flags]);
  if (answer.ok) return CONTINUE;
  if (tried && (await agentExists(context, name))) return CONTINUE;
  return wrong(`${name} was not slung: ${answer.text}`);
}

async function agentExists(context: StepContext, name: string): Promise<boolean> {
  const answer = await ov(context, ['agents', 'discover', '--all']);
  const agents = Array.isArray(answer.data.agents) ? (answer.data.agents as Record<string, unknown>[]) : [];
  return agents.some((agent) => agent.agentName === name || agent.name === name);
}

/** Specs stand in the project root, not in worktrees. */
async function specPath(spec: string | null, task: string, projectRoot: string): Promise<string | null> {
  if (spec !== null) return resolve(projectRoot, spec);
  const usual = join(projectRoot, '.overstory', 'specs', `${task}.md`);
  return access(usual).then(
    () => usual,
    // A task without a spec is slung without one.
    () => null,
  );
}

async function merge(step: StepOf<'merge'>, context: StepContext): Promise<StepOutcome> {
  const rendered = renderAll(context, { branch: step.branch, into: step.into });
  if (!rendered.ok) return wrong(rendered.error.message);
  const { branch, into } = rendered.value;
  const answer = await ov(context, ['merge', '--branch', branch, ...(into === null ? [] : ['--into', into])]);
  const conflicts = Array.isArray(answer.data.conflictFiles) ? answer.data.conflictFiles.join(', ') : '';
  const tier = typeof answer.data.tier === 'string' ? answer.data.tier : '';
  await context.save({ last: { ...context.session().last, tier, conflicts } });
  return judge(answer, step.expect, `the merge of ${branch}`);
}

interface OvAnswer {
  readonly ok: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  /** The answer, or on failure the reason, for a person. */
  readonly text: string;
}

/** Runs `ov … --json` from the PATH as a tool call and remembers its outcome as `last`. */
async function ov(context: StepContext, args: readonly string[]): Promise<OvAnswer> {
  const callId = await context.output.toolUse('Bash', { command: displayCommand('ov', args) });
  const result = await runProgram('ov', [...args, '--json'], {
    cwd: context.identity.worktree,
    timeoutMs: OV_TIMEOUT_MS,
    signal: context.signal,
  });
  const data = firstObject(result.stdout);
  const succeeded = result.code === 0 && data.success !== false;
  const reason = [data.error, data.errorMessage].find((text) => typeof text === 'string');
  const output = result.stdout.trim();
  const text = succeeded
    ? output
    : String(reason ?? (result.stderr.trim() || output || `ov ended with exit code ${result.code}`));
  await context.save({
    last: { status: succeeded ? 'ok' : 'failed', output: text.slice(-KEPT_OUTPUT), id: String(data.id ?? '') },
  });
  await context.output.toolResult(callId, text, !succeeded);
  return { ok: succeeded, data, text };
}

/** The first line that is a JSON object; a failed merge prints two (spec 02 §2.2). */
function firstObject(stdout: string): Readonly<Record<string, unknown>> {
  for (const line of stdout.split('\n')) {
    if (!line.trimStart().startsWith('{')) continue;
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    } catch {
      // Not the answer but text that happens to begin like one: the next line may be it.
    }
  }
  return {};
}

function judge(answer: OvAnswer, expect: Expectation, what: string): StepOutcome {
  if (expect === 'any' || (expect === 'ok') === answer.ok) return CONTINUE;
  return wrong(answer.ok ? `${what} succeeded, but the script expects it to fail` : `${what} failed: ${answer.text}`);
}
