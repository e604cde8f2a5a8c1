/** Runs asynchronous jobs one after another, in the order they were given. */
export type TaskQueue = <Value>(job: () => Promise<Value>) => Promise<Value>;

/** Creates an empty queue. A job that fails fails for its caller only. */
export function createTaskQueue(): TaskQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const result = last.then(job);
    // The chain only keeps the order; the failure goes to whoever awaits `result`.
    last = result.catch(() => undefined);
    return result;
  };
}
