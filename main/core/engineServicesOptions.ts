import type { BrowserLinkInput } from '../../contract/projects.ts';
import type { Result } from '../../contract/result.ts';
import type { RoomContract } from '../../contract/room.ts';
import type { RoomStatus } from '../../contract/status.ts';
import type { TopicHub } from '../../contract/wire/topicHub.ts';
import type { Clock } from '../platform/clock.ts';
import type { AgentManifest } from './agents/manifest.ts';
import type { Config } from './config/schema.ts';
import type { StartSandbox } from './drills/sandboxProject.ts';
import type { Log } from './engineLog.ts';
import type { ProjectRegistry } from './projects/projectRegistry.ts';
import type { Stores } from './stores.ts';

/** Makes a one-time link for the browser. */
export type MakeBrowserLink = (wish: BrowserLinkInput) => Promise<Result<{ url: string }>>;

/** What the engine puts its services together from. */
export interface ServicesOptions {
  readonly projectRoot: string;
  readonly overstoryDirectory: string;
  readonly commandFolder: string;
  readonly config: Config;
  readonly manifest: AgentManifest;
  readonly projectName: string;
  readonly stores: Stores;
  readonly hub: TopicHub<RoomContract>;
  readonly clock: Clock;
  readonly log: Log;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hostArgs: readonly string[];
  readonly engine: RoomStatus['engine'];
  readonly shutdown: (reason: string) => void;
  /** Where this engine's project is registered for the faces of others; null keeps it to itself. */
  readonly registry: ProjectRegistry | null;
  /** Faces and commands that are connected right now. */
  readonly faces: () => number;
  /** Starts an engine of a fire drill's sandbox. */
  readonly startSandbox: StartSandbox;
  /** The machine was started anew since an engine last held this project. */
  readonly rebooted: boolean;
}
