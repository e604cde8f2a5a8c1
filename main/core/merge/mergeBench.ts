import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MergeResult } from '../../../contract/merges.ts';
import { childEnvironment } from '../../platform/childEnvironment.ts';
import { systemClock } from '../../platform/clock.ts';
import { type ControlStore, openControl } from '../control/controlStore.ts';
import { createRehearsalAdapter } from '../runtimes/rehearsal.ts';
import { runForText } from '../util/runForText.ts';
import type { MergeEvent } from './mergeEvents.ts';
import { type MergeNews, type MergeRules, PLAIN_RULES } from './mergeOptions.ts';
import { type MergeQueueStore, openMergeQueue } from './mergeQueueStore.ts';
import { createMergeService, type MergeService, type MergeServiceOptions } from './mergeService.ts';
import { meteredModel } from './modelMeter.ts';
import type { MergeModel } from './modelTiers.ts';
import { type SampleRepository, sampleRepository } from './sampleRepository.ts';
import { MERGE_CHECK_VARIABLE } from './site.ts';

/** A merge service over real stores, real git and, where asked for, the rehearsal's real print command. */
export interface MergeBench {
  readonly repo: SampleRepository;
  readonly queue: MergeQueueStore;
  readonly control: ControlStore;
  readonly service: MergeService;
  readonly events: readonly MergeEvent[];
  readonly news: readonly MergeNews[];
  /** Questions a model was asked. */
  readonly prompts: readonly string[];
  /** Merges one branch and gives the result. */
  merge(branch: string): Promise<MergeResult>;
  close(): Promise<void>;
}

/** A prepared answer of the model (docs/rehearsal.md). */
export interface BenchAnswer {
  readonly when?: string | readonly string[];
  readonly answer?: string;
  readonly exit?: number;
  readonly sleep?: number;
}

export interface BenchOptions extends Partial<Omit<MergeServiceOptions, 'rules'>> {
  readonly rules?: Partial<MergeRules>;
  /** Answers of the model; absent: there is none. */
  readonly answers?: readonly BenchAnswer[];
}

/** Makes one over a repository with these files on main. */
export async function mergeBench(
  files: Readonly<Record<string, string | Uint8Array>>,
  { rules, answers, ...options }: BenchOptions = {},
): Promise<MergeBench> {
  const repo = await sampleRepository(files);
  const queue = openMergeQueue(join(repo.overstory, 'merge-queue.db'));
  const control = openControl(join(repo.overstory, 'control-room.db'));
  if (!queue.ok || !control.ok) throw new Error('the stores do not open');
  const events: MergeEvent[] = [];
  const news: MergeNews[] = [];
  const prompts: string[] = [];
  const script = join(repo.overstory, 'answers.json');
  if (answers !== undefined) await writeFile(script, JSON.stringify(answers));
  const adapter = createRehearsalAdapter({ answers: script });
  const model = (folder: string, mergeId: string): MergeModel =>
    meteredModel(control.value, (prompt, signal) => {
      prompts.push(prompt);
      const [command = '', ...args] = adapter.planPrint(prompt, null) ?? [];
      const env = childEnvironment(process.env, { [MERGE_CHECK_VARIABLE]: mergeId });
      return runForText(command, args, { cwd: folder, env, timeoutMs: 60_000, maxCharacters: 100_000, signal });
    });
  const service = createMergeService({
    site: repo.site,
    queue: queue.value,
    outcomes: control.value,
    clock: systemClock,
    canonicalBranch: () => 'main',
    record: (event) => events.push(event),
    onChange: () => undefined,
    environment: childEnvironment(process.env),
    rules: () => ({ ...PLAIN_RULES, ...rules }),
    ...(answers === undefined ? {} : { model }),
    tell: (one) => news.push(one),
    lockWaitMs: 0,
    ...options,
  });
  return {
    repo,
    queue: queue.value,
    control: control.value,
    service,
    events,
    news,
    prompts,
    async merge(branch) {
      const answer = await service.run({ branch, all: false });
      if (!answer.ok) throw new Error(answer.error.message);
      const [result] = answer.value.results;
      if (result === undefined) throw new Error('nothing was merged');
      return result;
    },
    async close() {
      await service.stop();
      queue.value.close();
      control.value.close();
      await repo.remove();
    },
  };
}
