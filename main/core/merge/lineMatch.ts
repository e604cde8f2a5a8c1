/** For each line of `a` the line of `b` it is the same as, in order, or -1. */
export type LineMatch = Int32Array;

/**
 * Edits up to which the shortest edit script is looked for; beyond it lines that are unique on both sides divide the
 * texts first. The table kept for it grows with the square: 1,000 edits are 4 MB.
 */
const EXACT_EDITS = 1_000;

/** Matches the lines of two texts: a longest common subsequence where the texts are not too different. */
export function matchLines(a: readonly string[], b: readonly string[]): LineMatch {
  const ids = new Map<string, number>();
  const idOf = (line: string): number => {
    const known = ids.get(line);
    if (known !== undefined) return known;
    ids.set(line, ids.size);
    return ids.size - 1;
  };
  const left = Int32Array.from(a, idOf);
  const right = Int32Array.from(b, idOf);
  const match = new Int32Array(a.length).fill(-1);
  matchRange(left, right, 0, left.length, 0, right.length, match);
  return match;
}

function matchRange(
  a: Int32Array,
  b: Int32Array,
  fromA: number,
  toA: number,
  fromB: number,
  toB: number,
  match: LineMatch,
): void {
  let [startA, startB, endA, endB] = [fromA, fromB, toA, toB];
  while (startA < endA && startB < endB && a[startA] === b[startB]) {
    match[startA] = startB;
    startA += 1;
    startB += 1;
  }
  while (startA < endA && startB < endB && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
    match[endA] = endB;
  }
  if (startA === endA || startB === endB) return;
  if (shortestEdit(a, b, startA, endA, startB, endB, match)) return;
  const anchors = uniqueAnchors(a, b, startA, endA, startB, endB);
  // Nothing divides them: too different to be compared line by line, so they count as rewritten.
  if (anchors.length === 0) return;
  for (const [atA, atB] of [...anchors, [endA, endB] as const]) {
    matchRange(a, b, startA, atA, startB, atB, match);
    if (atA < endA) match[atA] = atB;
    startA = atA + 1;
    startB = atB + 1;
  }
}

/** The greedy shortest-edit search over diagonals; false when more edits are needed than are looked for. */
function shortestEdit(
  a: Int32Array,
  b: Int32Array,
  fromA: number,
  toA: number,
  fromB: number,
  toB: number,
  match: LineMatch,
): boolean {
  const n = toA - fromA;
  const m = toB - fromB;
  const limit = Math.min(n + m, EXACT_EDITS);
  const reach = new Int32Array(2 * limit + 2);
  const trail: Int32Array[] = [];
  for (let edits = 0; edits <= limit; edits += 1) {
    trail.push(reach.slice(limit - edits, limit + edits + 1));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = furthest(reach, limit, diagonal, edits);
      let y = x - diagonal;
      while (x < n && y < m && a[fromA + x] === b[fromB + y]) {
        x += 1;
        y += 1;
      }
      reach[limit + diagonal] = x;
      if (x < n || y < m) continue;
      walkBack(trail, edits, n, m, (x0, y0) => {
        match[fromA + x0] = fromB + y0;
      });
      return true;
    }
  }
  return false;
}

function furthest(reach: Int32Array, middle: number, diagonal: number, edits: number): number {
  if (edits === 0) return 0;
  const below = diagonal === -edits ? -1 : (reach[middle + diagonal - 1] ?? 0);
  const above = diagonal === edits ? -1 : (reach[middle + diagonal + 1] ?? 0);
  return diagonal === -edits || (diagonal !== edits && below < above) ? above : below + 1;
}

/** Follows the trail from the end and tells every pair of equal lines on it. */
function walkBack(
  trail: readonly Int32Array[],
  edits: number,
  n: number,
  m: number,
  pair: (x: number, y: number) => void,
): void {
  let x = n;
  let y = m;
  for (let step = edits; step > 0; step -= 1) {
    // What was kept for a step is the state before it, around diagonal 0 at index `step`.
    const before = trail[step] ?? new Int32Array(0);
    const at = (diagonal: number): number => before[step + diagonal] ?? 0;
    const diagonal = x - y;
    const down = diagonal === -step || (diagonal !== step && at(diagonal - 1) < at(diagonal + 1));
    const beforeX = down ? at(diagonal + 1) : at(diagonal - 1);
    const beforeY = beforeX - (down ? diagonal + 1 : diagonal - 1);
    const startX = down ? beforeX : beforeX + 1;
    while (x > startX) {
      x -= 1;
      y -= 1;
      pair(x, y);
    }
    x = beforeX;
    y = beforeY;
  }
  while (x > 0 && y > 0) {
    x -= 1;
    y -= 1;
    pair(x, y);
  }
}

/** Lines that occur once on each side, the longest run of them that is in the same order on both. */
function uniqueAnchors(
  a: Int32Array,
  b: Int32Array,
  fromA: number,
  toA: number,
  fromB: number,
  toB: number,
): readonly (readonly [number, number])[] {
  const seen = new Map<number, { a: number; b: number; countA: number; countB: number }>();
  for (let index = fromA; index < toA; index += 1) {
    const entry = seen.get(a[index] ?? -1) ?? { a: index, b: -1, countA: 0, countB: 0 };
    entry.countA += 1;
    seen.set(a[index] ?? -1, entry);
  }
  for (let index = fromB; index < toB; index += 1) {
    const entry = seen.get(b[index] ?? -1);
    if (entry === undefined) continue;
    entry.b = index;
    entry.countB += 1;
  }
  const unique = [...seen.values()].filter((entry) => entry.countA === 1 && entry.countB === 1);
  return longestIncreasing(unique.map((entry) => [entry.a, entry.b] as const));
}

/** Of pairs in order of their first number, the longest run whose second numbers grow too. */
function longestIncreasing(pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  /** Index of the pair that ends the best run of each length. */
  const ends: number[] = [];
  const previous: number[] = [];
  for (const [index, [, second]] of pairs.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < second) low = middle + 1;
      else high = middle;
    }
    previous.push(low === 0 ? -1 : (ends[low - 1] ?? -1));
    ends[low] = index;
  }
  const run: (readonly [number, number])[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    const pair = pairs[index];
    if (pair !== undefined) run.push(pair);
  }
  return run.reverse();
}
