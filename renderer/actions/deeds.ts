/** Name of the event a page sends to itself for every action that runs; its detail is the action's id. */
export const DEED_EVENT = 'room:deed';

/** Tells the page which action runs. Nobody listens but the end-to-end tests (e2e/support/deeds.ts). */
export function tellDeed(actionId: string): void {
  if (typeof window !== 'undefined') window.dispatchEvent(new CustomEvent(DEED_EVENT, { detail: actionId }));
}
