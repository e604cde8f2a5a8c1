/** Tokens of a session or turn. */
export interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: number;
}

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheCreation: number;
}

/** A price and the words that must all occur in a model's name, in lower case. */
export interface PriceRule {
  readonly words: readonly string[];
  readonly price: Price;
}

const rule = (words: readonly string[], input: number, output: number, cacheRead: number, cacheCreation: number) => ({
  words,
  price: { input, output, cacheRead, cacheCreation },
});

/** Default prices; the first hit counts, so longer names stand before their prefixes (spec 03 §2.2). */
export const DEFAULT_PRICES: readonly PriceRule[] = [
  rule(['opus'], 15, 75, 1.5, 3.75),
  rule(['sonnet'], 3, 15, 0.3, 0.75),
  rule(['haiku'], 0.8, 4, 0.08, 0.2),
  rule(['gpt-4o-mini'], 0.15, 0.6, 0.075, 0.15),
  rule(['gpt-4o'], 2.5, 10, 1.25, 2.5),
  rule(['gpt-5'], 10, 40, 5, 10),
  rule(['o3'], 10, 40, 5, 10),
  rule(['o1'], 15, 60, 7.5, 15),
  rule(['flash'], 0.1, 0.4, 0.025, 0.1),
  rule(['gemini', 'pro'], 1.25, 5, 0.3125, 1.25),
];

/** The project's own prices first, then the built-in ones. */
export function withDefaults(own: readonly PriceRule[]): readonly PriceRule[] {
  return [...own, ...DEFAULT_PRICES];
}

const PER = 1_000_000;

/** Price of a model by its name in any case; null when the table does not know it. */
export function priceOf(model: string | null, prices: readonly PriceRule[] = DEFAULT_PRICES): Price | null {
  if (model === null) return null;
  const name = model.toLowerCase();
  return prices.find(({ words }) => words.every((word) => name.includes(word)))?.price ?? null;
}

/** Estimated US dollars; null, not 0, when the model is not known (spec 03 §2.2). */
export function estimateCost(
  model: string | null,
  tokens: Tokens,
  prices: readonly PriceRule[] = DEFAULT_PRICES,
): number | null {
  const price = priceOf(model, prices);
  if (price === null) return null;
  return (
    (tokens.inputTokens / PER) * price.input +
    (tokens.outputTokens / PER) * price.output +
    (tokens.cacheReadTokens / PER) * price.cacheRead +
    (tokens.cacheCreationTokens / PER) * price.cacheCreation
  );
}
