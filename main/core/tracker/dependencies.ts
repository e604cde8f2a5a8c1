/**
 * Finds the task that would make a circle: one of `blockedBy` from which `id` is reached by what each task waits for.
 * @returns null when there is none.
 */
export function circleThrough(
  id: string,
  blockedBy: readonly string[],
  waitsFor: (id: string) => readonly string[],
): string | null {
  for (const first of blockedBy) {
    const seen = new Set<string>();
    const open = [first];
    for (let task = open.pop(); task !== undefined; task = open.pop()) {
      if (task === id) return first;
      if (seen.has(task)) continue;
      seen.add(task);
      open.push(...waitsFor(task));
    }
  }
  return null;
}
