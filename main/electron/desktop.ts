import type { WatchedRoom } from '../../contract/notices.ts';
import { ok } from '../../contract/result.ts';
import type { ShellMessage, ShellTarget } from '../../contract/shell.ts';
import type { Channel, Scheduler } from '../../contract/wire/channel.ts';
import type { Scope } from '../../contract/wire/definition.ts';
import { limitedTo, pipeWhenReady } from '../platform/channelPipe.ts';
import type { EngineHost } from './engineHost.ts';
import type { ShellPort } from './portBridge.ts';
import { projectReference } from './recentProjects.ts';
import { type RoomWatch, watchRoom } from './roomWatch.ts';

export interface DesktopDependencies {
  createHost(projectRoot: string): EngineHost;
  readonly scheduler: Scheduler;
  /**
   * Called after every change of what tray, notifications and title show: of an open project, null until it is known, or
   * without one, when none is open any more.
   */
  onRoom(projectRoot: string | null, room: WatchedRoom | null): void;
  /**
   * Called when another project comes to the front, null when none is left. `instead` is true where one was in front
   * before: its page is to be loaded anew, so that nothing of two projects ever meets on it.
   */
  onProject(projectRoot: string | null, instead: boolean): void;
}

/** A project whose engine the desktop holds or is attached to. */
export interface OpenProject {
  readonly host: EngineHost;
  readonly watch: RoomWatch;
}

/** The desktop's state: which projects are open, which one is in front, and the page's two ports. */
export interface Desktop {
  /** Every project that was opened and not closed: their engines go on while another one is in front. */
  readonly projects: ReadonlyMap<string, OpenProject>;
  /** The project in front. */
  readonly front: OpenProject | null;
  /** Things that wait for a person, over all open projects. */
  readonly attention: number;
  /** Brings a project to the front; pages connect to its engine. */
  open(projectRoot: string): void;
  /**
   * Takes a project off the desktop: no page, tray or title shows it any more, and the one that was in front before it
   * comes back there. Its engine and watch are the caller's to end; undefined when it is not open.
   */
  detach(projectRoot: string): OpenProject | undefined;
  /** Lets go of a project that is not in front. */
  drop(projectRoot: string): Promise<void>;
  setRecent(recent: readonly string[]): void;
  setMakingDemo(making: boolean): void;
  /** Joins a page to the engine of the project in front; what it may do at most, where that is less than everything. */
  servePage(channel: Channel, most?: Scope): void;
  /** Adopts the page's shell port and tells it what is open. */
  adoptPort(port: ShellPort): void;
  /** Tells the page, now or as soon as it is there. */
  tell(message: ShellMessage): void;
  navigate(target: ShellTarget): void;
  closeWatches(): void;
}

/** Messages kept for a page that is still loading; only the newest matter. */
const WAITING_MESSAGES = 8;

/** Builds the desktop without a project. */
export function createDesktop(dependencies: DesktopDependencies): Desktop {
  const projects = new Map<string, OpenProject>();
  const problems = new Map<string, string>();
  let front: OpenProject | null = null;
  let recent: readonly string[] = [];
  let makingDemo = false;
  let port: ShellPort | null = null;
  let waiting: ShellMessage[] = [];
  let pages: readonly Channel[] = [];

  const projectMessage = (): ShellMessage => ({
    type: 'project',
    project: front === null ? null : projectReference(front.host.projectRoot),
    recent: recent.map(projectReference),
    problem: front === null ? null : (problems.get(front.host.projectRoot) ?? null),
    makingDemo,
  });
  const tell = (message: ShellMessage): void => {
    if (port !== null) port.send(message);
    else waiting = [...waiting, message].slice(-WAITING_MESSAGES);
  };
  const setProblem = (projectRoot: string, next: string | null): void => {
    if (next === (problems.get(projectRoot) ?? null)) return;
    if (next === null) problems.delete(projectRoot);
    else problems.set(projectRoot, next);
    if (front?.host.projectRoot === projectRoot) tell(projectMessage());
  };

  function openFirst(projectRoot: string): OpenProject {
    const host = dependencies.createHost(projectRoot);
    const watch = watchRoom({
      open: async () => {
        const channel = await host.open();
        if (projects.has(projectRoot)) setProblem(projectRoot, channel.ok ? null : channel.error.message);
        return channel;
      },
      scheduler: dependencies.scheduler,
      onChange: () => {
        if (projects.get(projectRoot)?.watch === watch) dependencies.onRoom(projectRoot, watch.room);
      },
    });
    const project = { host, watch };
    projects.set(projectRoot, project);
    return project;
  }

  /** Brings a project, or none, to the front instead of another, and tells the shell and the page. */
  function change(next: OpenProject | null, why: string): void {
    const isOther = front !== null;
    front = next;
    const projectRoot = next?.host.projectRoot ?? null;
    const left = pages;
    pages = [];
    // Before its channel closes: a page that is on its way out does not ask for another.
    dependencies.onProject(projectRoot, isOther);
    for (const page of left) page.close(why);
    dependencies.onRoom(projectRoot, next?.watch.room ?? null);
    tell(projectMessage());
    // The page loads anew for another project: what comes from now on waits for the page that is on its way.
    if (isOther) port = null;
  }

  function detach(projectRoot: string): OpenProject | undefined {
    const project = projects.get(projectRoot);
    if (project === undefined) return undefined;
    projects.delete(projectRoot);
    problems.delete(projectRoot);
    if (project === front) {
      const before = recent.map((root) => projects.get(root)).find((other) => other !== undefined);
      change(before ?? null, 'the project was closed');
    } else if (front !== null) dependencies.onRoom(front.host.projectRoot, front.watch.room);
    return project;
  }

  return {
    projects,
    get front() {
      return front;
    },
    get attention() {
      return [...projects.values()].reduce(
        (sum, { watch }) => sum + Object.keys(watch.room?.attention ?? {}).length,
        0,
      );
    },
    open(projectRoot) {
      if (front?.host.projectRoot === projectRoot) return;
      change(projects.get(projectRoot) ?? openFirst(projectRoot), 'another project was opened');
    },
    detach,
    async drop(projectRoot) {
      if (front?.host.projectRoot === projectRoot) return;
      const project = detach(projectRoot);
      project?.watch.close();
      await project?.host.close();
    },
    setRecent(next) {
      recent = next;
      tell(projectMessage());
    },
    setMakingDemo(making) {
      makingDemo = making;
      tell(projectMessage());
    },
    servePage(channel, most) {
      if (front === null) return channel.close('no project is open');
      pages = [...pages, channel];
      channel.onClose(() => {
        pages = pages.filter((page) => page !== channel);
      });
      const engine = front.host.open();
      pipeWhenReady(
        channel,
        most === undefined ? engine : engine.then((opened) => (opened.ok ? ok(limitedTo(opened.value, most)) : opened)),
      );
    },
    adoptPort(next) {
      port = next;
      port.send(projectMessage());
      for (const message of waiting) if (message.type !== 'project') port.send(message);
      waiting = [];
    },
    tell,
    navigate: (target) => tell({ type: 'navigate', target }),
    closeWatches() {
      for (const { watch } of projects.values()) watch.close();
    },
  };
}
