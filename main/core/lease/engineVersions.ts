import type { EngineInfo } from './engineInfo.ts';

/** What to do about the engine that holds a project. */
export type EngineJudgement =
  | { readonly do: 'use' }
  /** It is older and has no window of its own: asked to leave, it gives the project over; agents go on meanwhile. */
  | { readonly do: 'replace' }
  | { readonly do: 'refuse'; readonly reason: string };

/**
 * Whether this program can use a living engine. Equal protocols understand each other whatever their versions; an older
 * one in the background hands over; everything else is refused in one line that says which of the two to change.
 */
export function judgeEngine(
  engine: Pick<EngineInfo, 'protocol' | 'version' | 'mode' | 'pid'>,
  ownProtocol: number,
): EngineJudgement {
  if (engine.protocol === ownProtocol) return { do: 'use' };
  if (engine.protocol > ownProtocol) {
    return {
      do: 'refuse',
      reason: `a newer engine (version ${engine.version}, process ${engine.pid}) holds this project: update this program to use it`,
    };
  }
  if (engine.mode === 'background') return { do: 'replace' };
  const where = engine.mode === 'embedded' ? 'in a desktop window' : 'as "ov serve" in a terminal';
  return {
    do: 'refuse',
    reason: `an older engine (version ${engine.version}, process ${engine.pid}) holds this project ${where}: end it there and try again; its agents go on`,
  };
}
