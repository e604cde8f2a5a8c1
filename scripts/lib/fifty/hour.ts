import { fileSafeTimestamp, timestamp } from '../../../main/platform/clock.ts';
import { COORDINATOR, cast, type Member } from './cast.ts';

/** Seconds of the hour that is told. */
export const HOUR = 3_600;

/** A turn of the hour; times in seconds from its beginning. */
export interface Stint {
  readonly member: Member;
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly last: boolean;
}

/** The hour before the pictures: who had which turns, and when that was. */
export interface Hour {
  readonly members: readonly Member[];
  readonly stints: readonly Stint[];
  /** Milliseconds since the epoch of a second of the hour. */
  ms(second: number): number;
  /** The same as a timestamp. */
  at(second: number): string;
  turnId(stint: Stint): string;
  of(member: Member): readonly Stint[];
}

/** Numbers between 0 and 1 that are the same in every series of pictures. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Lays out the hour that ends now. */
export function layOut(now: number): Hour {
  const members = cast();
  const start = now - HOUR * 1_000;
  const ms = (second: number): number => start + Math.round(second * 1_000);
  const byMember = new Map<Member, readonly Stint[]>();
  const roll = dice(7);
  for (const [index, member] of members.entries()) byMember.set(member, stintsOf(member, index, roll));
  return {
    members,
    stints: [...byMember.values()].flat(),
    ms,
    at: (second) => timestamp(ms(second)),
    turnId: ({ member, start: second }) => `${member.name}-${fileSafeTimestamp(ms(second))}`,
    of: (member) => byMember.get(member) ?? [],
  };
}

function stintsOf(member: Member, index: number, roll: () => number): readonly Stint[] {
  const found: Stint[] = [];
  const add = (start: number, end: number): void => {
    found.push({ member, number: found.length + 1, start, end, last: false });
  };
  if (member.capability !== 'builder') {
    const first = member.name === COORDINATOR ? 8 : 50 + index * 3;
    for (let start = first; start < HOUR - 180; start += 380 + roll() * 160) add(start, start + 45 + roll() * 80);
  } else {
    const turns = member.state === 'completed' ? 2 + (index % 3) : member.state === 'zombie' ? 2 : 3 + (index % 2);
    const until = member.state === 'completed' ? 1_900 + (index % 9) * 170 : HOUR - 70 - (index % 7) * 40;
    const first = 170 + index * 14;
    const share = (until - first) / turns;
    for (let turn = 0; turn < turns; turn += 1) {
      const start = first + turn * share;
      add(start, start + share * (0.6 + roll() * 0.34));
    }
  }
  const last = found.at(-1);
  return found.map((stint) => (stint === last ? { ...stint, last: true } : stint));
}
