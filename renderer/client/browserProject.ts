/** Key under which a tab keeps which other project of the machine it shows. Of the tab, not of the browser: tabs stand side by side. */
const PROJECT_KEY = 'overstory.project';

/** The part of a page that decides which project it shows. */
export interface ProjectPage {
  readonly sessionStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly location: Pick<Location, 'reload'>;
}

/** Id of the project this tab shows instead of the one its link was made for; null without one. */
export function chosenProject(page: { readonly sessionStorage: Pick<Storage, 'getItem'> }): string | null {
  const id = page.sessionStorage.getItem(PROJECT_KEY);
  return id !== null && /^[0-9a-f]{16}$/.test(id) ? id : null;
}

/** Shows another project in this tab, or with null the one its link was made for: the page loads anew, so that nothing of two projects meets on it. */
export function enterProject(page: ProjectPage, id: string | null): void {
  if (id === null) page.sessionStorage.removeItem(PROJECT_KEY);
  else page.sessionStorage.setItem(PROJECT_KEY, id);
  page.location.reload();
}
