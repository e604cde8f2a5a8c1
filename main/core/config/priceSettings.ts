import type { PriceRule } from '../metrics/pricing.ts';
import type { SettingsReader } from './settingsReader.ts';
import { isMapping } from './yamlText.ts';

const FIELDS = ['input', 'output', 'cacheRead', 'cacheCreation'] as const;
const REMEDY = 'give dollars per million tokens, such as { input: 3, output: 15, cacheRead: 0.3, cacheCreation: 3.75 }';

/**
 * `controlRoom.prices`: models that are priced by the project, before the built-in table (spec 03 §2.2). A key is a model's
 * name or a part of it in any case; several words must all occur. `cacheRead` and `cacheCreation` cost as input when left out.
 */
export function readPrices(reader: SettingsReader): readonly PriceRule[] {
  const rules: PriceRule[] = [];
  for (const [model, value] of reader.entries('controlRoom.prices') ?? []) {
    const key = `controlRoom.prices.${model}`;
    const words = model
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length === 0) {
      reader.reject(key, value, 'name the model, or a part of its name');
      continue;
    }
    if (!isMapping(value)) {
      reader.reject(key, value, REMEDY);
      continue;
    }
    const unknown = Object.keys(value).find((field) => !FIELDS.some((known) => known === field));
    const wrong = Object.entries(value).find(([, amount]) => typeof amount !== 'number' || !(amount >= 0));
    if (unknown !== undefined || wrong !== undefined) {
      const [field, amount] = wrong ?? [unknown ?? '', value[unknown ?? '']];
      reader.reject(`${key}.${field}`, amount ?? '', REMEDY);
      continue;
    }
    const { input, output, cacheRead = input, cacheCreation = input } = value as Partial<Record<string, number>>;
    if (input === undefined || output === undefined) {
      reader.reject(key, value, REMEDY);
      continue;
    }
    rules.push({
      words,
      price: { input, output, cacheRead: cacheRead ?? input, cacheCreation: cacheCreation ?? input },
    });
  }
  return rules;
}
