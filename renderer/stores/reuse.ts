/** True when two JSON-like values hold the same content. */
export function sameContent(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const leftKeys = Object.keys(left);
  if (leftKeys.length !== Object.keys(right).length) return false;
  const rightFields = right as Readonly<Record<string, unknown>>;
  return Object.entries(left).every(
    ([key, value]) => Object.hasOwn(rightFields, key) && sameContent(value, rightFields[key]),
  );
}

/**
 * Puts the rows of `previous` that did not change into `next`, so that a fresh snapshot after a reconnect re-renders
 * only what really changed (engineering.md 2.7).
 */
export function reuseRows<State>(previous: State, next: State): State {
  const before = (previous as { readonly byId?: Readonly<Record<string, unknown>> }).byId;
  const after = (next as { readonly byId?: Readonly<Record<string, unknown>> }).byId;
  if (before === undefined || after === undefined) return sameContent(previous, next) ? previous : next;
  let changed = Object.keys(before).length !== Object.keys(after).length;
  const byId: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(after)) {
    const old = before[key];
    const same = old !== undefined && sameContent(old, row);
    byId[key] = same ? old : row;
    changed ||= !same;
  }
  return changed ? ({ ...next, byId } as State) : previous;
}

/**
 * Memoises a derived list by its inputs' references, and returns the former list when the new one has equal elements:
 * selectors must never hand out a new array for the same content, or zustand renders without end.
 */
export function stableList<Inputs extends readonly unknown[], Item>(
  derive: (...inputs: Inputs) => readonly Item[],
  same: (left: Item, right: Item) => boolean = Object.is,
): (...inputs: Inputs) => readonly Item[] {
  let lastInputs: Inputs | null = null;
  let lastOutput: readonly Item[] = [];
  return (...inputs) => {
    if (lastInputs?.every((input, index) => Object.is(input, inputs[index]))) return lastOutput;
    const output = derive(...inputs);
    const equal =
      lastInputs !== null &&
      output.length === lastOutput.length &&
      output.every((item, index) => {
        const old = lastOutput[index];
        return old !== undefined && same(item, old);
      });
    lastInputs = inputs;
    if (!equal) lastOutput = output;
    return lastOutput;
  };
}
