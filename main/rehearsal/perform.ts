import { assertNever } from '../../contract/result.ts';
import { CONTINUE, lookupOf, pause, renderAll, type StepContext, type StepOutcome, wrong } from './context.ts';
import { performFileStep } from './fileSteps.ts';
import { performCommit, performRun } from './gitSteps.ts';
import { performOvStep } from './ovSteps.ts';
import type { Step } from './steps.ts';
import { render, renderDeep } from './template.ts';

/** Characters of one line of a flood. */
const FLOOD_LINE = 64 * 1024;
/** Milliseconds after which a hanging step looks again whether it was interrupted; only keeps the process alive. */
const HANG_TICK_MS = 60_000;

/** Does one step. Whatever it changes is safe to do again by a later process, as far as docs/rehearsal.md promises. */
export async function performStep(step: Step, context: StepContext): Promise<StepOutcome> {
  switch (step.kind) {
    case 'say': {
      const rendered = renderAll(context, { text: step.text });
      if (!rendered.ok) return wrong(rendered.error.message);
      await context.output.text(rendered.value.text);
      return CONTINUE;
    }
    case 'think':
      await pause(step.milliseconds * context.pace, context.signal);
      return CONTINUE;
    case 'sleep':
      await pause(step.milliseconds, context.signal);
      return CONTINUE;
    case 'read':
    case 'write':
    case 'append':
    case 'edit':
      return performFileStep(step, context);
    case 'run':
      return performRun(step, context);
    case 'commit':
      return performCommit(step, context);
    case 'mail':
    case 'reply':
    case 'ask':
    case 'taskDone':
    case 'mergeReady':
    case 'sling':
    case 'merge':
    case 'ov':
      return performOvStep(step, context);
    case 'count':
      return count(step.counter, context);
    case 'remember': {
      const rendered = renderDeep(step.values, lookupOf(context));
      if (!rendered.ok) return wrong(rendered.error.message);
      await context.save({ facts: { ...context.session().facts, ...(rendered.value as Record<string, string>) } });
      return CONTINUE;
    }
    case 'when':
      return when(step, context);
    case 'crash':
      return { next: 'die', code: step.code, signal: step.signal, repeat: !step.once };
    case 'fail': {
      const rendered = renderAll(context, { message: step.message });
      if (!rendered.ok) return wrong(rendered.error.message);
      return { next: 'fail', message: rendered.value.message, status: step.status, repeat: !step.once };
    }
    case 'cost':
      context.output.cost(step.usd);
      return CONTINUE;
    case 'hang':
      while (!context.signal.aborted) await pause(HANG_TICK_MS, context.signal);
      return CONTINUE;
    case 'retry':
      for (let attempt = 1; attempt <= step.attempts && !context.signal.aborted; attempt++) {
        await context.output.retry(attempt, step.attempts, step.delayMs, step.status);
        await pause(step.delayMs, context.signal);
      }
      return CONTINUE;
    case 'flood':
      return flood(step, context);
    case 'broken':
      await context.output.raw(step.line);
      return CONTINUE;
    default:
      return assertNever(step);
  }
}

/** Counts once for each frame and step, also when a process was killed between counting and going on. */
async function count(counter: string, context: StepContext): Promise<StepOutcome> {
  const session = context.session();
  if (session.intent?.step === context.stepKey) return CONTINUE;
  await context.save({
    counters: { ...session.counters, [counter]: (session.counters[counter] ?? 0) + 1 },
    intent: { step: context.stepKey, at: new Date().toISOString(), size: null },
  });
  return CONTINUE;
}

function when(step: Extract<Step, { readonly kind: 'when' }>, context: StepContext): StepOutcome {
  const lookup = lookupOf(context);
  const value = render(step.value, lookup);
  if (!value.ok) return wrong(value.error.message);
  const wanted = render(step.equals ?? step.contains ?? '', lookup);
  if (!wanted.ok) return wrong(wanted.error.message);
  const holds =
    step.atLeast !== null
      ? Number(value.value) >= step.atLeast
      : step.equals !== null
        ? value.value.trim() === wanted.value.trim()
        : value.value.includes(wanted.value);
  return { next: 'branch', branch: holds ? 'do' : 'else' };
}

async function flood(step: Extract<Step, { readonly kind: 'flood' }>, context: StepContext): Promise<StepOutcome> {
  const characters = Math.round(step.megabytes * 1024 * 1024);
  if (step.to === 'log' && step.oneLine) {
    await context.output.uncounted(filler(characters, 0));
    return CONTINUE;
  }
  for (let from = 0; from < characters && !context.signal.aborted; from += FLOOD_LINE) {
    const text = filler(Math.min(FLOOD_LINE, characters - from), from);
    if (step.to === 'log') await context.output.uncounted(text);
    else await new Promise<void>((done) => process.stderr.write(`${text}\r\n`, () => done()));
  }
  return CONTINUE;
}

/** Text whose every word tells its place, so that a reader can see that nothing is missing. */
function filler(length: number, from: number): string {
  const words: string[] = [];
  for (let at = 0; at < length; at += 11) words.push(`${String(from + at).padStart(10, '0')} `);
  return words.join('').slice(0, length);
}
