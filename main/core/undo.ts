/** Steps to take back, newest first, when a later step fails: a failed start leaves nothing behind. */
export class Undo {
  #steps: Array<{ readonly name: string; readonly run: () => Promise<unknown> | unknown }> = [];

  add(name: string, run: () => Promise<unknown> | unknown): void {
    this.#steps.push({ name, run });
  }

  /** Takes everything back. One step that fails does not keep the others from running. @returns names of the steps that failed. */
  async run(): Promise<readonly string[]> {
    const failed: string[] = [];
    for (const step of this.#steps.reverse()) {
      try {
        await step.run();
      } catch (error) {
        failed.push(`${step.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    this.#steps = [];
    return failed;
  }
}
