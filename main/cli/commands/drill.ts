import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { DRILL_KINDS, DrillKind, type DrillStep, type DrillView } from '../../../contract/drills.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { BriefRoomClient } from '../../../contract/roomOutline.ts';
import { type Invocation, withCommonOptions, withEngine } from '../command.ts';
import { succeed } from '../output.ts';

/** Milliseconds between two looks at a drill that runs. */
const LOOK_MS = 250;
const MARKS: Readonly<Record<DrillStep['state'], string>> = { waiting: '·', seen: '✓', missed: '✕' };

/** `ov drill <kind>|results` (product.md B11): rehearses a fault in a sandbox and says whether everything recovered. */
export function registerDrill(program: Command): void {
  withCommonOptions(program.command('drill'))
    .description(
      'fire drill: put a fault into an agent of a sandbox and watch the recovery; exit code 1 unless it passes',
    )
    .argument('<kind>', `${DRILL_KINDS.join(', ')}, or "results" for the newest ones`)
    .action((name: string, _options: unknown, command: Command) =>
      withEngine(command, async (client, invocation) => {
        if (name === 'results') return results(client, invocation);
        const kind = DrillKind.safeParse(name);
        if (!kind.success)
          return fail('validation', `there is no drill "${name}": use one of ${DRILL_KINDS.join(', ')}`, {
            field: 'kind',
          });
        return hold(client, invocation, kind.data);
      }),
    );
}

async function hold(client: BriefRoomClient, invocation: Invocation, kind: DrillKind): Promise<Result<unknown>> {
  const started = await client.call('drills.start', { kind });
  if (!started.ok) return started;
  const { id } = started.value;
  const cancel = (): void => void client.call('drills.cancel', {});
  process.once('SIGINT', cancel);
  try {
    const printed = new Set<number>();
    for (;;) {
      const listed = await client.call('drills.list', {});
      if (!listed.ok) return listed;
      const { current, results: ended } = listed.value;
      const drill = current?.id === id ? current : ended.find((one) => one.id === id);
      if (drill === undefined) return fail('notFound', `the drill ${id} is gone: ask for "ov drill results"`);
      if (!invocation.json && !invocation.quiet) printSteps(drill, printed);
      if (drill.endedAt !== null) {
        succeed(invocation, 'drill', { drill }, [`${drill.state}: ${drill.result ?? ''}`]);
        if (drill.state !== 'passed') process.exitCode = 1;
        return ok(null);
      }
      await delay(LOOK_MS);
    }
  } finally {
    process.off('SIGINT', cancel);
  }
}

function printSteps(drill: DrillView, printed: Set<number>): void {
  for (const [index, step] of drill.steps.entries()) {
    if (step.state === 'waiting' || printed.has(index)) continue;
    printed.add(index);
    succeed({ json: false, quiet: false }, 'drill', {}, stepLines(step));
  }
}

function stepLines(step: DrillStep): string[] {
  const after = step.afterMs === null ? '' : ` (+${(step.afterMs / 1_000).toFixed(1)} s)`;
  return [`${MARKS[step.state]} ${step.expected}${after}`, `    ${step.seen}`];
}

async function results(client: BriefRoomClient, invocation: Invocation): Promise<Result<unknown>> {
  const listed = await client.call('drills.list', {});
  if (!listed.ok) return listed;
  const { results: ended } = listed.value;
  const lines = ended.flatMap((drill) => [
    `${drill.startedAt}  ${drill.kind}  ${drill.state}: ${drill.result ?? ''}`,
    ...drill.steps.flatMap(stepLines).map((line) => `  ${line}`),
  ]);
  succeed(invocation, 'drill', { results: ended }, lines.length === 0 ? ['No fire drill has been held yet.'] : lines);
  return ok(null);
}
