import { WALLBOARD_VIEW } from '../../contract/shell.ts';

/** True when the address asks for the wallboard: a page that never does more than watch. */
export function isWallboard(page: { readonly location: Pick<Location, 'search'> }): boolean {
  return new URLSearchParams(page.location.search).get('view') === WALLBOARD_VIEW;
}
