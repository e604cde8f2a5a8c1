import type { ControlStore } from '../control/controlStore.ts';
import type { MergeModel } from './modelTiers.ts';

/** What merging has asked of models so far. */
export interface ModelMeter {
  readonly asked: number;
  readonly failed: number;
  readonly charactersIn: number;
  readonly charactersOut: number;
  /** Milliseconds waited for answers. */
  readonly ms: number;
}

/** Name of the setting that holds the meter. */
export const MODEL_METER = 'merge.modelMeter';

type Settings = Pick<ControlStore, 'getSetting' | 'putSetting'>;

/** Reads the meter; zeros where nothing was asked yet. */
export function readModelMeter(settings: Pick<Settings, 'getSetting'>): ModelMeter {
  const stored = settings.getSetting(MODEL_METER) as Partial<ModelMeter> | undefined;
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
  return {
    asked: count(stored?.asked),
    failed: count(stored?.failed),
    charactersIn: count(stored?.charactersIn),
    charactersOut: count(stored?.charactersOut),
    ms: count(stored?.ms),
  };
}

/** The same model, with every question counted. */
export function meteredModel(settings: Settings, model: MergeModel): MergeModel {
  return async (prompt, signal) => {
    const began = performance.now();
    const answer = await model(prompt, signal);
    const before = readModelMeter(settings);
    settings.putSetting(MODEL_METER, {
      asked: before.asked + 1,
      failed: before.failed + (answer.ok ? 0 : 1),
      charactersIn: before.charactersIn + prompt.length,
      charactersOut: before.charactersOut + (answer.ok ? answer.value.text.length : 0),
      ms: before.ms + Math.round(performance.now() - began),
    });
    return answer;
  };
}
