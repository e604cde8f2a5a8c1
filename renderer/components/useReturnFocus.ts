import { useEffect, useState } from 'react';

/** What had the keyboard before the first of the dialogues that are open; a dialogue may give way to another one. */
let returnTo: HTMLElement | null = null;

const DIALOG = '[role="dialog"], [role="alertdialog"]';

/**
 * Gives the keyboard back to where it was when the last dialogue has closed. Dialogues here are taken out of the page
 * at once, which the library's own return of the focus does not see.
 */
export function useReturnFocus(): void {
  // While rendering, because a field that focuses itself does so before any effect runs.
  useState(() => {
    const active = document.activeElement;
    if (active instanceof HTMLElement && active !== document.body && active.closest(DIALOG) === null) returnTo = active;
  });
  useEffect(
    () => () => {
      const target = returnTo;
      requestAnimationFrame(() => {
        if (document.querySelector(DIALOG) !== null) return;
        returnTo = null;
        const active = document.activeElement;
        if (target?.isConnected && (active === null || active === document.body)) target.focus();
      });
    },
    [],
  );
}
