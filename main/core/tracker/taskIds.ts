/** Prefix when a project's name has no initials worth using. */
const DEFAULT_PREFIX = 'OV';
/** Letters of a prefix at most: it stands in every branch, folder and card. */
const LONGEST_PREFIX = 4;

/** Initials of a project name of several words ("billing-service" gives BS), else OV. */
export function idPrefix(projectName: string): string {
  const words = projectName
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => /^[A-Za-z]/.test(word));
  if (words.length < 2) return DEFAULT_PREFIX;
  return words
    .slice(0, LONGEST_PREFIX)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
}

/** Number for the next task of a prefix: one above every number used so far, in whatever place an id is known from. */
export function nextNumber(prefix: string, knownIds: Iterable<string>, lastGiven: number): number {
  let highest = lastGiven;
  for (const id of knownIds) {
    const digits = id.startsWith(`${prefix}-`) ? id.slice(prefix.length + 1) : '';
    if (/^\d{1,9}$/.test(digits)) highest = Math.max(highest, Number(digits));
  }
  return highest + 1;
}
