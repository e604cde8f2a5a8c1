/** What services tell the room after a commit. The room reads the stores and sends deltas; nothing is passed along. */
export interface Changes {
  agent(agentName: string): void;
  allAgents(): void;
  mail(messageIds: readonly string[]): void;
  tasks(): void;
  merges(): void;
  runs(): void;
  events(): void;
  terminals(): void;
  status(): void;
  /** Something waits for a person, or no longer does. */
  attention(): void;
}

/** For callers that have nobody to tell, such as the command line working on the stores directly. */
export const NO_CHANGES: Changes = {
  agent() {},
  allAgents() {},
  mail() {},
  tasks() {},
  merges() {},
  runs() {},
  events() {},
  terminals() {},
  status() {},
  attention() {},
};
