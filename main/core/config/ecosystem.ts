import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { pathExists, readTextIfPresent } from '../util/files.ts';
import { findCommand } from './detectProject.ts';

/** Companion tools of overstory: command and folder (spec 03 §5.5). */
const TOOLS = [
  { name: 'mulch', command: 'ml', folder: '.mulch', attribute: '.mulch/expertise/*.jsonl merge=union' },
  { name: 'seeds', command: 'sd', folder: '.seeds', attribute: '.seeds/issues.jsonl merge=union' },
  { name: 'canopy', command: 'cn', folder: '.canopy', attribute: null },
] as const;

export type ToolName = (typeof TOOLS)[number]['name'];
export type ToolStatus = 'initialized' | 'already_initialized' | 'skipped';

export interface ToolReport {
  readonly status: ToolStatus;
  readonly path: string;
}

/** Milliseconds a companion tool may take to set itself up. */
const TOOL_TIMEOUT_MS = 30_000;

/** Sets up the companion tools that are installed and wanted; one that is missing or fails is skipped. */
export async function initTools(
  root: string,
  pathVariable: string,
  wanted: readonly ToolName[],
): Promise<Readonly<Record<ToolName, ToolReport>>> {
  const reports: Partial<Record<ToolName, ToolReport>> = {};
  for (const tool of TOOLS) {
    const status = wanted.includes(tool.name) ? await initTool(root, pathVariable, tool) : 'skipped';
    reports[tool.name] = { status, path: tool.folder };
  }
  return reports as Record<ToolName, ToolReport>;
}

/** Which tools to set up: `--tools` wins over the skip flags, unknown names are ignored (spec 03 §5.5). */
export function wantedTools(tools: readonly string[] | undefined, skipped: readonly string[]): readonly ToolName[] {
  const names = TOOLS.map((tool) => tool.name);
  return tools === undefined
    ? names.filter((name) => !skipped.includes(name))
    : names.filter((name) => tools.includes(name));
}

/** Adds the union-merge lines of the tools in use to `.gitattributes`; true when it changed. Other lines stay as they are. */
export async function addAttributes(root: string, tools: Readonly<Record<ToolName, ToolReport>>): Promise<boolean> {
  const path = join(root, '.gitattributes');
  const text = (await readTextIfPresent(path)) ?? '';
  const present = new Set(text.split('\n').map((line) => line.trim()));
  const missing = TOOLS.flatMap((tool) =>
    tool.attribute !== null && tools[tool.name].status !== 'skipped' && !present.has(tool.attribute)
      ? [tool.attribute]
      : [],
  );
  if (missing.length === 0) return false;
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  await writeFileAtomic(path, `${text}${separator}${missing.join('\n')}\n`);
  return true;
}

async function initTool(root: string, pathVariable: string, tool: (typeof TOOLS)[number]): Promise<ToolStatus> {
  const command = await findCommand(tool.command, pathVariable);
  if (command === null) return 'skipped';
  if (await runInit(command, root)) return 'initialized';
  return (await pathExists(join(root, tool.folder))) ? 'already_initialized' : 'skipped';
}

function runInit(command: string, cwd: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command, ['init'], { cwd, timeout: TOOL_TIMEOUT_MS, windowsHide: true }, (error) =>
      resolve(error === null),
    );
  });
}
