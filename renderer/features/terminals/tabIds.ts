/** Ids of the elements of a tab, by terminal. */
export const tabId = (id: string) => `terminal-tab-${id}`;
export const panelId = (id: string) => `terminal-panel-${id}`;
