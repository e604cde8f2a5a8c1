import { LIMITS } from './limits.ts';

/** One path segment that is also usable in a branch name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** What a name that becomes a folder and a part of a branch is made of, in words. */
export const NAME_RULE = 'letters, digits, dot, underscore and dash, starting with a letter or digit';

/** True when a name has only the characters of `NAME_RULE`, in their places. */
export function hasNameShape(name: string): boolean {
  return NAME.test(name);
}

/** True when git takes a name as a part of a branch. */
export function fitsBranch(name: string): boolean {
  return !name.includes('..') && !name.endsWith('.lock') && !name.endsWith('.');
}

/** The same answer as the schema of agents' names, for a program that must start without loading any schema. */
export function isAgentName(name: string): boolean {
  return name.length <= LIMITS.nameLength && hasNameShape(name) && fitsBranch(name);
}
