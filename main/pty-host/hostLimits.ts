/** Every number that bounds something inside the pty host, with its unit and where it comes from. Shared ones are in contract/limits.ts. */
export const HOST_LIMITS = {
  /** Cells of a screen and its scrollback that are drawn on the spot: about two milliseconds. Larger ones are drawn by another thread. */
  drawHereCells: 25_000,
  /** Characters of drawn screens kept for the next who looks, of all terminals together: some twenty of a thousand lines. */
  drawnCharacters: 2 * 1024 * 1024,
  /** Bytes read of one terminal before others have their turn: one full batch, less than half a millisecond of work. */
  readTurnBytes: 64 * 1024,
  /**
   * What floods elsewhere are held to while a person types. `forMs`: milliseconds after a key. `turnMs`: milliseconds between
   * two turns, of one terminal each: 4 MB/s for all of them together, which costs a twentieth of a processor, and more than
   * any agent prints.
   */
  typing: { forMs: 500, turnMs: 16 },
  /** Bytes of output that wait to be parsed until it pauses. Less would be parsed beside the viewers' copies of it, more would be waited for at an attach. */
  screenPutOffBytes: 64 * 1024,
  /** Bytes that wait while output only prints lines: as many as fit a screen and its scrollback, at 500 bytes a line. What is older is not parsed at all. */
  screenPlainBytes: 512 * 1024,
  /** Bytes of one terminal that the headless screen may still have to parse before its pty is paused: about 8 ms of parsing, which is also what an attach may have to wait for. */
  screenBacklogBytes: 256 * 1024,
  /** Bytes. Below this a pty paused for the screen runs again; enough work for the time a pty needs to get going. */
  screenResumeBytes: 128 * 1024,
  /** Bytes a viewer may trail behind the terminal, beside its window, before the pty is paused for it. Window and lag stay within 2 MiB (baselines.md). */
  viewerLagBytes: 512 * 1024,
  /** Bytes a viewer that holds the pty has to take within `viewerHoldMs` to go on holding it: half a window. */
  viewerStepBytes: 512 * 1024,
  /** Milliseconds one stalled viewer may hold a pty back before its stream ends with `lagging` (engineering.md 2.5). */
  viewerHoldMs: 2_000,
  /** Bytes of one turn's terminal log waiting for the disk before the pty is paused. */
  logQueueBytes: 4 * 1024 * 1024,
  /** Milliseconds the end of a process waits for its terminal log to reach the disk; after that the exit is told anyway. */
  logFlushMs: 2_000,
  /** Bytes of input waiting for a process that does not read its terminal; more is refused. */
  inputQueueBytes: 1024 * 1024,
  /** Bytes of one write into a pty: what the kernel takes at once (4,096 less one, see tty_ldisc N_TTY_BUF_SIZE). */
  inputChunkBytes: 4_095,
  /** Milliseconds between two tries to write into a full pty: first and longest. */
  inputRetryMs: { first: 2, longest: 50 },
  /** Milliseconds without a byte after which the terminal of an ended process counts as drained, when a leftover child still holds it open. */
  drainQuietMs: 10,
  /** Bytes read after the end of a process beyond which they can only come from a leftover child: more than any kernel's pty buffer. */
  drainBytes: 1024 * 1024,
  /** Characters of one feed. */
  feedCharacters: 256 * 1024,
  /** Feed sources remembered per terminal; a source is one turn, and only the newest turns are ever fed. */
  feedSources: 64,
  /** Bytes of one argument: the kernel's MAX_ARG_STRLEN less its closing zero. */
  argumentBytes: 131_071,
  /** Milliseconds between two scans while waiting for a process tree to end. */
  terminatePollMs: 25,
  /** Milliseconds between the polite signal and SIGKILL when a terminal is closed with force. */
  closeGraceMs: 3_000,
  /** Terminals of one host: 200 agents (product.md), their shells, and room. */
  terminals: 1_000,
  /** Milliseconds survivors of SIGKILL are watched for before they are reported. */
  killWaitMs: 10_000,
  /** Milliseconds without a client and without a process after which the host ends itself. */
  idleExitMs: 30_000,
  /** Milliseconds between two reports of a terminal's byte count to the topic. */
  bytesReportMs: 1_000,
  /** Bytes of the host's own log file, after which it starts anew (one older file is kept). */
  hostLogBytes: 1024 * 1024,
  /** Milliseconds a starter waits for a new host's socket. */
  startMs: 20_000,
  recording: {
    /** Bytes of output of one terminal that wait to be recorded; more is left out, and the recording goes on behind a gap. */
    queueBytes: 4 * 1024 * 1024,
    /** Bytes of output encoded and written at once: half a millisecond of this thread. */
    writeBytes: 256 * 1024,
    /** Milliseconds output waits to be written with more. */
    writeMs: 50,
    /** Bytes of output of one segment: what a reader that finds no kept screen has to play at most, about a third of a second. */
    segmentBytes: 8 * 1024 * 1024,
    /** Milliseconds of one segment, so that a quiet terminal's past is dropped by age too. */
    segmentMs: 24 * 3_600_000,
    /** Bytes of output between two kept screens: about a tenth of a second of playing, on a machine at rest. */
    keyBytes: 3 * 1024 * 1024,
    /** Bytes of a recording between two marks of its index. */
    markBytes: 64 * 1024,
    /** Characters of the index that wait to be written: about eight marks, half of what a reader completes by itself. */
    placesCharacters: 160,
    /** Buffers kept for encoding, shared by all terminals. */
    spareBuffers: 3,
    /** Milliseconds until recording is tried again after the disk refused. */
    retryMs: 5_000,
    /** Milliseconds the clock may step back without a new segment. */
    clockStepMs: 2_000,
    /** Milliseconds by which two entries are told apart: the microsecond the format can hold. */
    leastStepMs: 0.001,
  },
  /** Milliseconds. A device answer that repeats within this time comes from a second viewer and is dropped. */
  duplicateAnswerMs: 250,
  /** Milliseconds processes may be kept stopped at most. */
  freezeMs: 600_000,
} as const;
