import { OPERATOR } from '../../../contract/ids.ts';
import { fail, ok } from '../../../contract/result.ts';
import { childEnvironment } from '../../platform/childEnvironment.ts';
import { entryCommand } from '../../platform/entries.ts';
import { resolveModel } from '../agents/manifestModel.ts';
import type { Changes } from '../changes.ts';
import { type Config, DEFAULT_QUALITY_GATES } from '../config/schema.ts';
import type { ServicesOptions } from '../engineServicesOptions.ts';
import type { Git } from '../git/git.ts';
import type { MailService } from '../mail/mailService.ts';
import { mergeMails } from '../merge/mergeMail.ts';
import type { MergeRules } from '../merge/mergeOptions.ts';
import { createMergeService, type MergeService } from '../merge/mergeService.ts';
import { meteredModel } from '../merge/modelMeter.ts';
import type { MergeModel } from '../merge/modelTiers.ts';
import { MERGE_CHECK_VARIABLE } from '../merge/site.ts';
import { withDefaults } from '../metrics/pricing.ts';
import { namedVariables } from '../runtimes/environment.ts';
import type { RuntimeRegistry } from '../runtimes/registry.ts';
import { readSpec } from '../specs/specs.ts';
import { pathExists } from '../util/files.ts';
import { runForText } from '../util/runForText.ts';
import type { Vault } from '../vault/vaultService.ts';

/** Characters of a model's answer that are read: a whole file may come. */
const ANSWER_CHARACTERS = 4_000_000;
/** Role whose model and environment resolve conflicts. */
const MERGER = 'merger';
/** Mails that say what an agent's work was for and came to. */
const TELLING_MAIL = new Set(['worker_done', 'merge_ready', 'result']);

export interface MergeParts {
  readonly git: Git;
  readonly config: () => Config;
  readonly registry: RuntimeRegistry;
  readonly vault: Pick<Vault, 'beforeMerge'>;
  readonly mail: Pick<MailService, 'send'>;
  readonly changes: Changes;
  readonly currentRun: () => string | null;
}

/** Puts together the merge queue with what it may use: gates, a model, the intents of both sides, mail. */
export function composeMergeSide(options: ServicesOptions, parts: MergeParts): MergeService {
  const { projectRoot, overstoryDirectory, stores, clock, log, environment } = options;
  const { git, config, changes } = parts;

  function rules(): MergeRules {
    const { merge, project, controlRoom } = config();
    // Gates nobody named are a guess about the project's tools; a merge cannot depend on it.
    const named = project.qualityGates !== DEFAULT_QUALITY_GATES;
    return {
      aiResolve: merge.aiResolveEnabled,
      reimagine: merge.reimagineEnabled,
      gates: controlRoom.merge.verify && named ? project.qualityGates : [],
      gateTimeoutMs: controlRoom.merge.gateTimeoutMs,
    };
  }

  /** Asks the print command of `runtime.printCommand`, else of `runtime.default` (spec 02 §2.2, BUG: the reference forgets both). */
  function model(folder: string, mergeId: string): MergeModel {
    return meteredModel(stores.control, async (prompt, signal) => {
      const { runtime, controlRoom } = config();
      const name = runtime.printCommand ?? runtime.default;
      const adapter = parts.registry.get(name);
      if (!adapter.ok) return adapter;
      const chosen = resolveModel(MERGER, options.manifest.agents[MERGER]?.model, 'sonnet', config(), environment);
      const isNamed = chosen.isExplicitOverride || adapter.value.takesManifestModel;
      const [command, ...args] = adapter.value.planPrint(prompt, isNamed ? chosen.model : null) ?? [];
      if (command === undefined)
        return fail(
          'unavailable',
          `${name} has no command that answers a question: set runtime.printCommand to one that has`,
        );
      const env = childEnvironment(environment, {
        ...namedVariables(controlRoom.environment, { capability: MERGER, runtime: name }, environment),
        ...chosen.env,
        ...entryCommand('rehearsal').env,
        [MERGE_CHECK_VARIABLE]: mergeId,
      });
      const how = { cwd: folder, env, timeoutMs: controlRoom.merge.modelTimeoutMs, maxCharacters: ANSWER_CHARACTERS };
      const answer = await runForText(command, args, { ...how, signal });
      return answer.ok && isNamed ? ok({ ...answer.value, model: chosen.model }) : answer;
    });
  }

  /** Task, spec and the agent's own last words about its work. */
  async function intentOf(agentName: string, taskId: string): Promise<string> {
    const task = stores.control.getTask(taskId);
    const spec = await readSpec(projectRoot, taskId);
    const [mail] = stores.mail.getAll({ from: agentName }).filter(({ type }) => TELLING_MAIL.has(type));
    return [
      task === null ? '' : `Task ${taskId}: ${task.title}\n${task.description}`.trim(),
      spec.ok && spec.value.body.trim() !== '' ? `Spec:\n${spec.value.body.trim()}` : '',
      mail === undefined ? '' : `${agentName} reported: ${mail.subject}\n${mail.body}`.trim(),
    ]
      .filter((part) => part !== '')
      .join('\n\n');
  }

  return createMergeService({
    site: { git, root: projectRoot, overstory: overstoryDirectory },
    queue: stores.mergeQueue,
    outcomes: stores.control,
    clock,
    canonicalBranch: () => config().project.canonicalBranch,
    beforeTouch: (what) => parts.vault.beforeMerge(what),
    rules,
    model,
    prices: () => withDefaults(config().controlRoom.prices),
    intentOf,
    runOf: (agentName) => stores.sessions.getByName(agentName)?.runId ?? null,
    async worktreeOf(agentName) {
      const path = stores.sessions.getByName(agentName)?.worktreePath ?? '';
      return path !== '' && (await pathExists(path)) ? path : null;
    },
    // Gates see what the variables named for mergers say, as a model does.
    environment: childEnvironment(
      environment,
      namedVariables(config().controlRoom.environment, { capability: MERGER, runtime: 'gates' }, environment),
    ),
    record(event) {
      stores.events.insert({
        agentName: event.agentName,
        runId: parts.currentRun(),
        eventType: 'custom',
        level: event.level,
        data: JSON.stringify({ type: 'merge', ...event }),
      });
      changes.events();
    },
    onChange: () => changes.merges(),
    tell(news) {
      for (const mail of mergeMails(news, (name) => stores.sessions.getByName(name))) {
        parts.mail.send({ ...mail, from: OPERATOR }).then(
          (sent) => {
            if (!sent.ok) log('warn', 'the outcome of a merge could not be mailed', { error: sent.error.message });
          },
          (error: unknown) => log('error', 'the outcome of a merge could not be mailed', { error: String(error) }),
        );
      }
    },
  });
}
