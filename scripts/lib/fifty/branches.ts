import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Git } from '../../../main/core/git/git.ts';
import { type Member, type Piece, STREAMS } from './cast.ts';

/** Text by path. */
type Files = Readonly<Record<string, string>>;

const MONEY = 'src/money.ts';
/** Where main was changed while branches were under way, so that they conflict. */
const CONTESTED: ReadonlySet<string> = new Set(['BS-26', 'BS-36', 'BS-46', 'BS-47', 'BS-53', 'BS-57']);
/** Where main took a line away that a branch has changed: tier 2 takes the branch's. */
const TAKEN_AWAY: ReadonlySet<string> = new Set(['BS-14', 'BS-15']);
/** A branch with conflicts in many files of long names. */
export const MANY_FILES = 'BS-36';
/** Its own test fails. */
const FAILS = 'BS-55';
const DEEP = 'src/ledger/payments/splitting/rulesForSeveralInvoicesOfOneCustomer';
const MANY: readonly string[] = [
  `${DEEP}/oldestOpenInvoiceFirstUnlessTheReferenceNamesAnother.ts`,
  `${DEEP}/restOfAPaymentThatCoversMoreThanIsOpen.ts`,
  `${DEEP}/__fixtures__/paymentsOfAWholeYearOfOneCustomer.ts`,
  'src/ledger/מסמכים/תשלום.ts',
  'src/ledger/split.ts',
];

/** The branch an agent works on. */
export const branchOf = (member: Member): string => `overstory/${member.name}/${member.task?.id ?? 'none'}`;

/** Files a piece of work changes. */
export function filesOf(piece: Piece): readonly string[] {
  return piece.id === MANY_FILES ? MANY : piece.files;
}

/** Puts the files everybody works on onto main, makes every branch, and fills the worktrees. */
export async function seedBranches(git: Git, project: string, members: readonly Member[]): Promise<void> {
  const run = async (...args: string[]): Promise<void> => {
    const answer = await git(args);
    if (answer.code !== 0) throw new Error(`git ${args[0]}: ${answer.stderr}`);
  };
  const pieces = STREAMS.flatMap((stream) => stream.pieces);
  const money = await readFile(join(project, MONEY), 'utf8');
  const texts = new Map<string, string>();
  for (const path of pieces.flatMap(filesOf)) texts.set(path, path === MONEY ? `${money}${ROUND}` : stub(path));
  await write(project, Object.fromEntries(texts));
  await run('add', '.');
  await run('commit', '-qm', 'Lay out the modules of the new billing');

  const text = (path: string): string => texts.get(path) ?? '';
  const commits: string[] = [];
  for (const member of members) {
    const { task } = member;
    if (task === null) continue;
    const changed = Object.fromEntries(filesOf(task).map((path) => [path, work(text(path), path, task)]));
    const own = TAKEN_AWAY.has(task.id) || CONTESTED.has(task.id) ? {} : { [`test/${task.id}.test.ts`]: testOf(task) };
    commits.push(commitOf(branchOf(member), task.title, { ...changed, ...own }));
  }
  const imported = await git(['fast-import', '--quiet'], { input: commits.join('') });
  if (imported.code !== 0) throw new Error(`git fast-import: ${imported.stderr}`);

  // What support fixed by hand meanwhile.
  const fixed = pieces.filter((piece) => CONTESTED.has(piece.id) || TAKEN_AWAY.has(piece.id));
  await write(
    project,
    Object.fromEntries(
      fixed.flatMap((piece) =>
        filesOf(piece).map((path) => [path, TAKEN_AWAY.has(piece.id) ? without(text(path)) : hotfix(text(path))]),
      ),
    ),
  );
  await run('commit', '-qam', 'Limits and addresses: what customers could not wait for');
  for (const member of members) {
    if (member.worktree) await run('worktree', 'add', '-q', worktreeOf(project, member), branchOf(member));
  }
}

export function worktreeOf(project: string, member: Member): string {
  return join(project, '.overstory', 'worktrees', member.name);
}

async function write(project: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
}

/** A commit on top of main, as `git fast-import` reads it. */
function commitOf(branch: string, subject: string, files: Files): string {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const changes = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
  const who = `committer Rehearsal <rehearsal@localhost> ${Math.floor(Date.now() / 1_000)} +0000`;
  return `commit refs/heads/${branch}\n${who}\n${data(subject)}from refs/heads/main^0\n${changes.join('')}\n`;
}

const ROUND = `
/** Whole cents of an amount that may have a part of one. */
export function roundToCents(value: number): Cents {
  return Math.round(value);
}
`;

/** A module as it was laid out. */
function stub(path: string): string {
  const name = basename(path, '.ts');
  return `/** What is known when ${name} begins. */
export interface Request {
  readonly customer: string;
  readonly limit: number;
  readonly strict: boolean;
}

export interface Outcome {
  readonly done: number;
  readonly left: readonly string[];
}

/** Does the work of this module for one customer. */
export function run(request: Request, lines: readonly string[]): Outcome {
  const limit = request.limit;
  const wanted = lines.filter((line) => line.trim() !== '');
  const taken = wanted.slice(0, limit);
  const left = request.strict ? wanted.slice(limit) : [];
  return { done: taken.length, left };
}

/** One line for the log. */
export function describe(outcome: Outcome): string {
  return \`\${outcome.done} done, \${outcome.left.length} left\`;
}
`;
}

const LIMIT = '  const limit = request.limit;\n';

/** What a branch makes of a file. */
function work(text: string, path: string, { id, title }: Piece): string {
  const name = title.replaceAll('\n', ' ');
  if (path === MONEY) {
    const rounding = `  // ${id}: ${name}\n  return Math.sign(value) * Math.round(Math.abs(value) + ${(id.length + Number(id.slice(3)) / 100).toFixed(2)} * Number.EPSILON);\n`;
    return text.replace('  return Math.round(value);\n', rounding);
  }
  return text
    .replace(LIMIT, `  // ${name}\n  const limit = request.strict ? request.limit : Number.POSITIVE_INFINITY;\n`)
    .replace(' left`;', ` left (${id})\`;`);
}

/** The same lines as support changed them. */
function hotfix(text: string): string {
  return text.replace(
    LIMIT,
    '  // A customer with 40,000 lines must not keep all others waiting.\n  const limit = Math.min(request.limit, 1_000);\n',
  );
}

/** The same file with a line less. */
function without(text: string): string {
  return text
    .replace(LIMIT, '')
    .replace('slice(0, limit)', 'slice(0, request.limit)')
    .replace('slice(limit)', 'slice(request.limit)');
}

function testOf({ id, did }: Piece): string {
  return `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n\n// ${did}\ntest('${id} keeps its promise', () => {\n  assert.equal(${id === FAILS ? 503 : 200}, 200);\n});\n`;
}
