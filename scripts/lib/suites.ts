import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '../build/layout.ts';
import { runInherited } from './run.ts';

/** How a suite ended. */
export interface SuiteResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  /** What failed, in words: the test's name and the beginning of what it said. */
  readonly failures: readonly string[];
}

/** The closing line of a suite: "unit: 120 passed, 0 failed"; below it what failed, so that a log cut at its end still tells. */
export function closingLine(result: SuiteResult): string {
  const line = `${result.name}: ${result.passed} passed, ${result.failed} failed`;
  return [line, ...result.failures.map((failure) => `  ${failure.replaceAll('\n', '\n    ')}`)].join('\n');
}

/** What of vitest's JSON report counts. */
interface VitestReport {
  readonly success?: boolean;
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly numFailedTestSuites?: number;
  readonly testResults?: readonly {
    readonly name?: string;
    readonly status?: string;
    readonly message?: string;
    readonly assertionResults?: readonly {
      readonly fullName?: string;
      readonly status?: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Characters of a failure's text that are repeated below the closing line; all of it stands above, where it happened. */
const SHOWN_FAILURE = 600;

/** One line or paragraph for each test, or file outside its tests, that failed. */
function failuresOf(report: VitestReport | null): readonly string[] {
  return (report?.testResults ?? []).flatMap((file) => {
    const failed = (file.assertionResults ?? []).filter((test) => test.status === 'failed');
    const where = relative(ROOT, file.name ?? '');
    if (failed.length === 0)
      return file.status === 'failed' ? [`${where}: ${(file.message ?? '').slice(0, SHOWN_FAILURE)}`] : [];
    return failed.map(
      (test) => `${where} > ${test.fullName ?? ''}: ${(test.failureMessages?.[0] ?? '').slice(0, SHOWN_FAILURE)}`,
    );
  });
}

/**
 * Counts of a vitest run. A run without a report, without a single test, or that failed outside its tests (a hook, an
 * unhandled error) has failed at least once: silence is no success.
 */
export function countTests(name: string, report: VitestReport | null, exitCode: number): SuiteResult {
  const passed = report?.numPassedTests ?? 0;
  const failed = report?.numFailedTests ?? 0;
  const brokenElsewhere = report === null || passed + failed === 0 || exitCode !== 0 || report.success === false;
  return {
    name,
    passed,
    failed: failed === 0 && brokenElsewhere ? Math.max(1, report?.numFailedTestSuites ?? 1) : failed,
    failures: failuresOf(report),
  };
}

/** Absolute path of a package's command, run by this very Node. */
export function packageScript(packageName: string, path: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)), path);
}

export interface VitestOptions {
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Command put before Node, e.g. `xvfb-run -a`. */
  readonly wrap?: readonly string[];
}

/** Runs vitest on this terminal and counts its tests. */
export async function runVitest(name: string, options: VitestOptions): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ocr-suite-'));
  const reportPath = join(folder, 'report.json');
  try {
    const line = [
      ...(options.wrap ?? []),
      process.execPath,
      packageScript('vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportPath}`,
      ...options.args,
    ];
    const [command = '', ...args] = line;
    const exitCode = await runInherited(command, args, { cwd: ROOT, env: { ...process.env, ...options.env } });
    return countTests(name, await readReport(reportPath), exitCode);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readReport(path: string): Promise<VitestReport | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as VitestReport;
  } catch {
    // No report means that the runner died early, which `countTests` counts as a failure.
    return null;
  }
}

/** One command of a suite that counts commands instead of tests. */
export interface Step {
  readonly title: string;
  readonly args: readonly string[];
}

/** Runs Node scripts, at most two at once, prints what failing ones say, and counts them. */
export async function runSteps(
  name: string,
  steps: readonly Step[],
  say: (line: string) => void,
): Promise<SuiteResult> {
  const queue = [...steps];
  let passed = 0;
  const failures: string[] = [];
  const worker = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const started = performance.now();
      const { code, output } = await capture(step.args);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      if (code === 0) passed += 1;
      else failures.push(step.title);
      say(`${code === 0 ? 'ok' : 'FAILED'}  ${step.title} (${seconds} s)`);
      if (code !== 0) say(output.trim());
    }
  };
  await Promise.all([worker(), worker()]);
  return { name, passed, failed: failures.length, failures };
}

async function capture(args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (bytes: Buffer): void => {
      output += bytes.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
