/** Where a page's frames and time come from. */
export interface FrameClock {
  /** Milliseconds, of a clock that never goes back. */
  now(): number;
  /** Asks for one call before the next frame is painted. */
  frame(run: () => void): void;
  /** Asks for one call after so many milliseconds; returns its cancellation. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The way of one terminal's bytes onto its screen. */
export interface WriteCoalescer {
  /** Takes bytes that end at an absolute offset of the stream. */
  push(bytes: Uint8Array, endOffset: number): void;
  /** A person types here: its echo goes first, and the others wait for it, though not for long. */
  typed(): void;
  /** Writes all that waits now. */
  flush(): void;
  /** Forgets what waits; gives its bytes, which end where the last push did. */
  drop(): number;
  /** Bytes that wait for a frame. */
  readonly waiting: number;
  dispose(): void;
}

/** One frame's time, shared by the terminals in sight. */
export interface FrameBudget {
  /** @param write gets joined bytes and the absolute offset at which they end, to be acknowledged once parsed. */
  join(write: (bytes: Uint8Array, endOffset: number) => void): WriteCoalescer;
}

/**
 * What is written in a frame. More would wait inside xterm, which parses a write in one go, and on the connection, where
 * an echo queues behind it; what waits here instead is not acknowledged and so holds its program back.
 */
export const FRAME_LIMITS = {
  /** Bytes a frame, all terminals together: about 10 ms of parsing (engineering.md 4.1, 24 to 36 MB/s). */
  all: 256 * 1024,
  /** Bytes in a turn of all terminals but the one that is typed into: about 2 ms of parsing. */
  besideTyping: 48 * 1024,
  /**
   * Milliseconds between those turns, right behind the frame that shows an echo: then the next key is farthest away. What
   * costs is less the parsing than drawing the rows anew, and a key that comes meanwhile waits for that.
   */
  besideTypingMs: 50,
  /** The same without an echo to follow: few enough that a key seldom meets one. */
  betweenKeysMs: 150,
  /** Milliseconds after a key in which its terminal comes first. */
  typingMs: 500,
  /**
   * Bytes a millisecond that every terminal gets at least, however long a frame takes and however many there are: half a
   * window within 1.3 s, so that no viewer is cut off as lagging, which happens after 2 s (main/pty-host/hostLimits.ts).
   */
  atLeast: 400,
  /** Bytes of an echo; with what a shell redraws of its line. */
  echo: 4 * 1024,
  /** Bytes of one write: xterm looks at the clock only between writes. */
  write: 64 * 1024,
} as const;

interface Member {
  readonly write: (bytes: Uint8Array, endOffset: number) => void;
  pieces: Uint8Array[];
  /** Bytes that wait, and the offset at which they end. */
  size: number;
  end: number;
  /** Bytes written since the last frame began. */
  spent: number;
}

/**
 * Joins terminal output to a write a frame and divides the frame among those that have something. After a quiet frame a
 * terminal's first bytes are written at once, and so is the echo of a key at any time: neither waits for a frame. Beside
 * typing all others take turns of their own, between the keys as far as these leave time.
 *
 * Those turns are waited for without asking for frames: a browser that owes a frame when a key is pressed paints it before
 * it hands over anything else, and the echo would come a frame late.
 */
export function createFrameBudget(clock: FrameClock): FrameBudget {
  const members = new Set<Member>();
  let asked = false;
  /** Ends the wait for a turn beside typing; null while nobody waits for one. */
  let cancelTurn: (() => void) | null = null;
  /** Since when something waits for its turn; null while nothing does. */
  let waitsSince: number | null = null;
  let typing: { readonly member: Member; readonly until: number; readonly hasEcho: boolean } | null = null;

  const typedInto = (): Member | null => (typing !== null && clock.now() < typing.until ? typing.member : null);
  const waited = (): number => (waitsSince === null ? 0 : clock.now() - waitsSince);
  /** What waits of all but one. */
  const due = (but: Member | null): Member[] => {
    const found: Member[] = [];
    for (const member of members) if (member.size > 0 && member !== but) found.push(member);
    return found;
  };
  const askForFrame = () => {
    if (asked) return;
    asked = true;
    clock.frame(onFrame);
  };
  const askForTurn = (milliseconds: number) => {
    cancelTurn?.();
    cancelTurn = clock.after(Math.max(0, milliseconds), () => {
      cancelTurn = null;
      onTurn();
    });
  };
  /** Something waits: for a frame, or beside typing for a turn. */
  const arm = () => {
    waitsSince ??= clock.now();
    const first = typedInto();
    if (first === null || first.size > 0) askForFrame();
    else if (cancelTurn === null) askForTurn(restOf(due(first)) - waited());
  };

  function onFrame(): void {
    asked = false;
    for (const member of members) member.spent = 0;
    const first = typedInto();
    if (first === null) {
      share(due(null), FRAME_LIMITS.all);
      return;
    }
    if (first.size > 0) {
      askForFrame();
      writeSome(first, FRAME_LIMITS.all);
    }
    if (due(first).length === 0) waitsSince = null;
    // In this frame the echo is drawn: what follows at once is as far from the next key as can be.
    else if (typing?.hasEcho === true && waited() >= FRAME_LIMITS.besideTypingMs) askForTurn(0);
    else arm();
  }

  /** The turn of all terminals but the one that is typed into. */
  function onTurn(): void {
    const first = typedInto();
    // A key came meanwhile: its echo goes before, if it does not take too long.
    const left = FRAME_LIMITS.betweenKeysMs - waited();
    if (first !== null && typing?.hasEcho === false && left > 0) askForTurn(left);
    else share(due(first), first === null ? FRAME_LIMITS.all : FRAME_LIMITS.besideTyping);
  }

  function share(floods: readonly Member[], bytes: number): void {
    const elapsed = waited();
    waitsSince = null;
    const most = Math.max(Math.floor(bytes / Math.max(1, floods.length)), Math.ceil(elapsed * FRAME_LIMITS.atLeast));
    for (const member of floods) {
      writeSome(member, most);
      arm();
    }
  }

  return {
    join(write) {
      const member: Member = { write, pieces: [], size: 0, end: 0, spent: 0 };
      members.add(member);
      return {
        push(bytes, endOffset) {
          if (bytes.byteLength === 0) return;
          const alone = member.size === 0;
          const first = typedInto();
          if (typing !== null && first === member) typing = { ...typing, hasEcho: true };
          member.pieces.push(bytes);
          member.size += bytes.byteLength;
          member.end = endOffset;
          arm();
          if (!alone || (first !== null && first !== member)) return;
          if (member.spent === 0) writeSome(member, FRAME_LIMITS.write);
          else if (first === member && member.spent + bytes.byteLength <= FRAME_LIMITS.echo)
            writeSome(member, FRAME_LIMITS.echo);
        },
        typed() {
          typing = { member, until: clock.now() + FRAME_LIMITS.typingMs, hasEcho: false };
          // It waited beside another one, for a turn that is not its own any more.
          if (member.size > 0) askForFrame();
        },
        flush: () => writeSome(member, Number.POSITIVE_INFINITY),
        drop: () => forget(member),
        get waiting() {
          return member.size;
        },
        dispose() {
          members.delete(member);
          forget(member);
          if (typing?.member === member) typing = null;
        },
      };
    },
  };
}

/** Milliseconds from one turn beside typing to the next when no echo comes: little is drawn soon, a flood seldom. */
function restOf(members: readonly Member[]): number {
  const bytes = members.reduce((sum, { size }) => sum + size, 0);
  return bytes > FRAME_LIMITS.echo ? FRAME_LIMITS.betweenKeysMs : FRAME_LIMITS.besideTypingMs;
}

function forget(member: Member): number {
  const { size } = member;
  member.pieces = [];
  member.size = 0;
  return size;
}

function writeSome(member: Member, most: number): void {
  let left = Math.min(most, member.size);
  while (left > 0 && member.size > 0) {
    const bytes = take(member, Math.min(left, FRAME_LIMITS.write));
    left -= bytes.byteLength;
    member.spent += bytes.byteLength;
    member.write(bytes, member.end - member.size);
  }
}

/** Takes so many of the bytes that wait, joined. */
function take(member: Member, size: number): Uint8Array {
  member.size -= size;
  const [only] = member.pieces;
  if (only?.byteLength === size) {
    member.pieces.shift();
    return only;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  let used = 0;
  for (const piece of member.pieces) {
    if (at === size) break;
    const part = piece.subarray(0, size - at);
    bytes.set(part, at);
    at += part.byteLength;
    if (part.byteLength < piece.byteLength) {
      member.pieces[used] = piece.subarray(part.byteLength);
      break;
    }
    used += 1;
  }
  member.pieces.splice(0, used);
  return bytes;
}
