/** One message on a channel: control frames are JSON text, terminal bytes are binary. */
export type Frame = string | Uint8Array;

/**
 * An ordered, reliable, two-way pipe of frames between two peers. Unix socket, named pipe, WebSocket, MessagePort and
 * an in-memory pair all look like this, so one conformance suite covers them.
 */
export interface Channel {
  /**
   * Sends one frame. The memory of a binary frame is the caller's again when this returns. After `close` it is a no-op: the
   * peer's `onClose` already told the story.
   */
  send(frame: Frame): void;
  /** Registers a listener for incoming frames; frames that arrive before the first listener are kept. Returns its removal. */
  onFrame(listener: (frame: Frame) => void): () => void;
  /** Called once, with a reason for a person. A listener added after the end is called at once. Returns its removal. */
  onClose(listener: (reason: string) => void): () => void;
  close(reason?: string): void;
  /** Bytes accepted by `send` that have not left this process, 0 where the transport cannot tell. */
  readonly queuedBytes: number;
}

/** Timers handed in, because the contract may not touch a global clock. Times in milliseconds. */
export interface Scheduler {
  now(): number;
  after(milliseconds: number, run: () => void): () => void;
}
