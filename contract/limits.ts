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
  /**
   * Bytes. Below this the source runs again: as soon as a full window has room for one batch. So acks pace a flood, and a
   * key's echo on the same connection waits behind one ack's worth of it. With half a window it waited behind 512 KiB.
   */
  streamResumeBytes: 960 * 1024,
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
  /** Characters of the deltas kept per topic for resume, whichever bound is met first (engineering.md 2.4: 1 MiB). */
  topicHistoryBytes: 1024 * 1024,
  /** Bytes written beyond the acks at which a viewer is cut off as lagging: a whole ring replayed at once must fit, plus one window. */
  streamCutBytes: 3 * 1024 * 1024,
  /** Bytes. Acks are joined up to an eighth of the window, so that they cost nothing and never starve the source. */
  streamAckBytes: 128 * 1024,
  /** Milliseconds. Longest an ack waits to be joined. */
  streamAckMs: 16,
  /** Byte streams whose bytes a client keeps before it opens them; more means somebody forgot theirs. */
  unopenedStreams: 64,
  /** Bytes unsent, or characters unread, above which deltas are joined and stream bytes held back (engineering.md 2.5: pause at 1 MiB). */
  channelBusyBytes: 1024 * 1024,
  /** Bytes unsent on a channel at which its peer is cut off as lagging (engineering.md 2.5 and 3.3 #9). */
  channelCutBytes: 8 * 1024 * 1024,
  /** Characters. A client says how much text it has read at least this often, since a MessagePort does not tell what is unread. */
  textSeenCharacters: 256 * 1024,
  /** Milliseconds between two looks at a busy channel: transports have no common drain event. */
  channelPollMs: 2,
  /** Bytes of one message a client puts together from parts; a message above `frameBytes` travels in parts. */
  messageBytes: 64 * 1024 * 1024,
  /** Calls of one connection that may be under way at once. */
  callsInFlight: 4_096,
  /** Calls that may wait for the first connection. */
  callsQueued: 256,
  /** Milliseconds between two attempts to connect: doubled from the first to the last value. */
  reconnectMs: { first: 100, last: 5_000 },
} as const;
