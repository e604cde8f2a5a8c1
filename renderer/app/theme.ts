import type { ThemeChoice } from '../stores/preferences.ts';
import type { Room } from '../stores/room.ts';

/** The theme a choice stands for. */
export function resolveTheme(choice: ThemeChoice, systemPrefersLight: boolean): 'dark' | 'light' {
  if (choice !== 'system') return choice;
  return systemPrefersLight ? 'light' : 'dark';
}

/** Keeps the page still while the person wishes so. */
export function followMotion(room: Room, page: Document): void {
  const apply = () => page.documentElement.toggleAttribute('data-still', room.ui.getState().reducedMotion);
  room.ui.subscribe((state, before) => {
    if (state.reducedMotion !== before.reducedMotion) apply();
  });
  apply();
}

/** Keeps the page's theme equal to the person's choice, or to the system's while they have none. */
export function followTheme(room: Room, page: Window): void {
  const prefersLight = page.matchMedia('(prefers-color-scheme: light)');
  const apply = () => {
    const theme = resolveTheme(room.ui.getState().theme, prefersLight.matches);
    if (page.document.documentElement.dataset.theme === theme) return;
    page.document.documentElement.dataset.theme = theme;
    room.desktop?.post({ type: 'theme', theme });
  };
  room.ui.subscribe((state, before) => {
    if (state.theme !== before.theme) apply();
  });
  prefersLight.addEventListener('change', apply);
  apply();
}
