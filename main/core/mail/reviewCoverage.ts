/**
 * Advice on a `merge_ready`: were the sender's builders reviewed? Never blocks (spec 02 §1.7 step 9). Counts every session
 * whose parent is the sender, whatever its state.
 */
export function reviewCoverage(
  sender: string,
  sessions: readonly { readonly parentAgent: string | null; readonly capability: string }[],
): string[] {
  const children = sessions.filter((session) => session.parentAgent === sender);
  const builders = children.filter((session) => session.capability === 'builder').length;
  const reviewers = children.filter((session) => session.capability === 'reviewer').length;
  if (builders > 0 && reviewers === 0) {
    return [
      `NO reviewer sessions found for ${sender} with ${builders} builder(s): complex work needs a reviewer (REVIEW_SKIP)`,
    ];
  }
  if (reviewers < builders) return [`Only ${reviewers} reviewer(s) for ${builders} builder(s) of ${sender}`];
  return [];
}
