import type { Command } from 'commander';
import { CostsInput, LiveCostsInput } from '../../../contract/governor.ts';
import type { Result } from '../../../contract/result.ts';
import type { BriefRoomClient } from '../../../contract/roomOutline.ts';
import { plainIssue } from '../../../contract/wire/plainIssue.ts';
import { validationError } from '../../../contract/wire/rpcServer.ts';
import { type Invocation, invocationOf, withCommonOptions } from '../command.ts';
import { byCapability, capabilityLines, capLines, costLines, dollars, liveLines, tokens } from '../costsText.ts';
import { failWith, succeed } from '../output.ts';
import { liveEngine, requireProject } from '../project.ts';

interface Options {
  readonly live?: boolean;
  readonly self?: boolean;
  readonly caps?: boolean;
  readonly agent?: string;
  readonly task?: string;
  readonly bead?: string;
  readonly run?: string;
  readonly day?: string | true;
  readonly last: string;
  readonly byCapability?: boolean;
}

/** `ov costs`: what sessions used and cost; looking never starts an engine. Modes in order: self, live, sessions (spec 03 §2.4). */
export function registerCosts(program: Command): void {
  withCommonOptions(program.command('costs'))
    .description('what agents used and cost; ~ marks dollars that are estimated from tokens')
    .option('--live', 'agents that live, by their newest figures, with rates a minute')
    .option('--self', 'your own newest conversation in this project with its runtime')
    .option(
      '--caps',
      'every cap, how much of it is used, and when it is reached at this rate; with --agent, what holds it',
    )
    .option('--agent <name>', 'only this agent')
    .option('--task <id>', 'only this task')
    .option('--bead <id>', 'the same as --task')
    .option('--run <id>', 'only this run')
    .option('--day [date]', 'only turns begun on that day; without a date, today')
    .option('--by-capability', 'grouped by role')
    .option('--last <n>', 'at most so many sessions', '20')
    .action(async (options: Options, command: Command) => {
      const invocation = invocationOf(command);
      const last = /^\d+$/.test(options.last) ? Number(options.last) : 0;
      if (last < 1)
        return failWith(invocation, { tag: 'validation', message: '--last must be a positive integer', field: 'last' });
      const project = await requireProject(invocation.project);
      if (!project.ok) return failWith(invocation, project.error);
      if (options.self === true) return showOwn(invocation, project.value);
      if (options.caps === true) return showCaps(invocation, project.value, options.agent);
      if (options.live === true) return showLive(invocation, project.value, options);
      return showSessions(invocation, project.value, options, last);
    });
}

async function showOwn(invocation: Invocation, projectRoot: string): Promise<void> {
  const { ownCosts } = await import('../ownCosts.ts');
  const own = await ownCosts(projectRoot, process.env);
  if (!own.ok) return failWith(invocation, own.error);
  const { model, inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens, estimatedCostUsd } = own.value;
  const [input, output, cache] = tokens(inputTokens, outputTokens, cacheReadTokens + cacheCreationTokens);
  succeed(invocation, 'costs', { ...own.value }, [
    `your conversation with ${model ?? 'an unknown model'}: ${input} in, ${output} out, ${cache} cached, ${dollars(estimatedCostUsd, true)}`,
  ]);
}

async function showCaps(invocation: Invocation, projectRoot: string, agentName: string | undefined): Promise<void> {
  const client = await liveEngine(projectRoot);
  if (!client.ok) return failWith(invocation, client.error);
  if (client.value === null)
    return failWith(invocation, {
      tag: 'unavailable',
      message: 'No engine runs here, and caps are counted by one; "ov serve --background" starts it.',
    });
  const answer = await client.value.call('governor.caps', agentName === undefined ? {} : { agentName });
  client.value.close();
  if (!answer.ok) return failWith(invocation, answer.error);
  const { caps } = answer.value;
  succeed(invocation, 'costs', { caps }, capLines(caps));
}

async function showLive(invocation: Invocation, projectRoot: string, options: Options): Promise<void> {
  const parsed = LiveCostsInput.safeParse(
    {
      ...(options.agent === undefined ? {} : { agent: options.agent }),
      ...(options.run === undefined ? {} : { run: options.run }),
    },
    { error: plainIssue },
  );
  if (!parsed.success) return refuse(invocation, parsed.error);
  const answer = await engineOrStores(
    projectRoot,
    (client) => client.call('costs.live', parsed.data),
    (offline) => offline.listLiveCostsOffline(projectRoot, parsed.data),
  );
  if (!answer.ok) return failWith(invocation, answer.error);
  const { agents, totals } = answer.value;
  succeed(invocation, 'costs', { agents, totals }, liveLines(agents, totals));
}

/** Asks the engine that runs, or else reads the stores; the code for those is loaded only then. */
async function engineOrStores<Value>(
  projectRoot: string,
  ask: (client: BriefRoomClient) => Promise<Result<Value>>,
  read: (offline: typeof import('../offline.ts')) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const client = await liveEngine(projectRoot);
  if (!client.ok) return client;
  if (client.value === null) return read(await import('../offline.ts'));
  const answer = await ask(client.value);
  client.value.close();
  return answer;
}

async function showSessions(
  invocation: Invocation,
  projectRoot: string,
  options: Options,
  last: number,
): Promise<void> {
  const task = options.task ?? options.bead;
  const parsed = CostsInput.safeParse(
    {
      last: options.byCapability === true ? 100_000 : last,
      ...(options.agent === undefined ? {} : { agent: options.agent }),
      ...(task === undefined ? {} : { task }),
      ...(options.run === undefined ? {} : { run: options.run }),
      ...(options.day === undefined ? {} : { day: options.day === true ? today() : options.day }),
    },
    { error: plainIssue },
  );
  if (!parsed.success) return refuse(invocation, parsed.error);
  const answer = await engineOrStores(
    projectRoot,
    (client) => client.call('costs.list', parsed.data),
    (offline) => offline.listCostsOffline(projectRoot, parsed.data),
  );
  if (!answer.ok) return failWith(invocation, answer.error);
  const { sessions, totals } = answer.value;
  if (options.byCapability === true) {
    const grouped = byCapability(sessions);
    return succeed(invocation, 'costs', { grouped }, capabilityLines(grouped));
  }
  succeed(invocation, 'costs', { sessions, totals }, costLines(sessions, totals));
}

function refuse(invocation: Invocation, error: Parameters<typeof validationError>[0]): void {
  const invalid = validationError(error);
  if (!invalid.ok) failWith(invocation, invalid.error);
}

/** Today in the machine's own time zone, as `YYYY-MM-DD`. */
function today(): string {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
}
