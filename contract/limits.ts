/** Every number that bounds something, with its unit and where it comes from. */
export const LIMITS = {
  /** Bytes. Largest control frame; larger content travels by reference (engineering.md 2.4, 3.3 #9). */
  frameBytes: 2 * 1024 * 1024,
  /** Milliseconds. A peer that has not said hello by then is cut off (engineering.md 3.3 #9). */
  helloTimeoutMs: 5_000,
  /** Deltas kept per topic for resume (engineering.md 2.4). */
  topicHistory: 1_000,
  /** Milliseconds. Deltas of one topic are joined for one display frame. baselines.md wants p50 <= 5 ms to a screen, so the first delta of a burst leaves at once. */
  topicBatchMs: 16,
  /** Bytes. Ring of terminal output kept for exact resume, per terminal (engineering.md 2.5). */
  ringBytes: 2 * 1024 * 1024,
  /** Bytes. Unacknowledged terminal output per viewer before the source is held back. baselines.md: 100 kB starves a fast consumer, 1 MiB gives 0.98x. */
  streamWindowBytes: 1024 * 1024,
  /** Bytes. Below this the source runs again; half a window keeps it from stuttering. */
  streamResumeBytes: 512 * 1024,
  /** Bytes. Terminal output is joined up to this size before the next hop (baselines.md: 16 to 64 KiB). */
  outputBatchBytes: 64 * 1024,
  /** Milliseconds. Longest a byte of terminal output waits to be joined (engineering.md 2.5). */
  outputBatchMs: 5,
  /** Bytes. Largest single write into a terminal from a client (engineering.md 2.4). */
  terminalWriteBytes: 64 * 1024,
  /** Lines of scrollback the headless screen model keeps and a reattach replays (engineering.md 2.5). */
  screenScrollback: 1_000,
  terminalCols: { min: 2, max: 500 },
  terminalRows: { min: 1, max: 300 },
  /** Characters of a name of an agent or task: file-system safe and readable in a tab. */
  nameLength: 64,
  /** Characters. */
  subjectLength: 300,
  /** Characters. A mail body that is larger belongs into a file in the worktree. */
  bodyLength: 200_000,
  /** Characters of a task title. */
  titleLength: 200,
  /** Rows of one page. */
  pageRows: 200,
  /** Timeline items and mails a topic carries; older ones are paged. */
  timelineWindow: 2_000,
  mailWindow: 1_000,
  /** Milliseconds a call may take before the caller gives up, unless it says otherwise. */
  callTimeoutMs: 30_000,
} as const;
