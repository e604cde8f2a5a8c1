import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { url as inspectorUrl } from 'node:inspector';

/** Flag of a descriptor that does not survive a change of program (`O_CLOEXEC`, Linux). */
const CLOSED_AT_EXEC = 0o2000000;
/** Standard input, output and error: the only ones a starter means to hand down. */
const STANDARD = 3;

/**
 * Lets go of the descriptors above the standard three that were handed down by whoever started this process. What lives
 * on after its starter does that first of all, before it opens anything: Electron hands its children the sockets of its
 * own helper processes, which then never see the app end and stay for ever. On systems without `/proc` nothing is handed
 * down unasked. @returns how many went.
 */
export function releaseInheritedDescriptors(): number {
  // A debugger's socket is Node's own, and the only one it has this early.
  if (inspectorUrl() !== undefined) return 0;
  let names: readonly string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    // Not Linux: macOS closes them when it starts a program, Windows hands down only what is named.
    return 0;
  }
  const channel = Number(process.env.NODE_CHANNEL_FD ?? -1);
  const inherited = names.map(Number).filter((one) => one >= STANDARD && one !== channel && isInherited(one));
  for (const descriptor of inherited) closeSync(descriptor);
  return inherited.length;
}

/**
 * Node marks all its own descriptors as closed at exec, so what is not marked came from outside. At its start it also
 * marks the first few it finds, whoever they are from; among those sockets are told by having no use yet.
 */
function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    if (flags === undefined) return false;
    const marked = (Number.parseInt(flags, 8) & CLOSED_AT_EXEC) !== 0;
    return !marked || readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('socket:');
  } catch {
    // The descriptor of the folder that was just read: closed already.
    return false;
  }
}
