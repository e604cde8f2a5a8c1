import { Check, CircleDashed, Diamond, type LucideIcon, Play, X } from 'lucide-react';
import { cx } from '../../components/cx.ts';
import styles from './MergeMark.module.css';
import type { MergeState } from './mergeRules.ts';

const MARKS: Readonly<
  Record<MergeState, { readonly icon: LucideIcon; readonly word: string; readonly filled: boolean }>
> = {
  waiting: { icon: CircleDashed, word: 'waiting', filled: false },
  merging: { icon: Play, word: 'merging', filled: true },
  held: { icon: Diamond, word: 'held', filled: true },
  conflict: { icon: X, word: 'conflict', filled: false },
  failed: { icon: X, word: 'failed', filled: false },
  merged: { icon: Check, word: 'merged', filled: false },
};

/** The glyph of a merge's state in its colour. Give it `word` unless the word stands right beside it. */
export function MergeMark({ state, word = false }: { readonly state: MergeState; readonly word?: boolean }) {
  const { icon: Icon, word: text, filled } = MARKS[state];
  return (
    <span className={cx(styles.mark, styles[state])} title={word ? undefined : text}>
      <Icon size={13} strokeWidth={2} fill={filled ? 'currentColor' : 'none'} aria-hidden="true" />
      <span className={word ? undefined : 'visually-hidden'}>{text}</span>
    </span>
  );
}
