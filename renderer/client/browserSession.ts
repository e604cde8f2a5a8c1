import { fail, ok, type Result } from '../../contract/result.ts';
import { chosenProject } from './browserProject.ts';
import type { Route } from './link.ts';
import { openWebSocketChannel } from './webSocketChannel.ts';

/**
 * Key of the session token. Session storage, not a cookie: cookies ignore ports, so any dev server an agent starts on
 * this machine would receive it (engineering.md 3.3 #5).
 */
const TOKEN_KEY = 'overstory.session';

/** What signing in needs of its page. */
export interface SignInPage {
  readonly location: Pick<Location, 'hash' | 'host' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState'>;
  readonly sessionStorage: Pick<Storage, 'getItem' | 'setItem'>;
  readonly fetch: (path: string, init: RequestInit) => Promise<Pick<Response, 'ok' | 'status' | 'json'>>;
}

/** The one-time ticket in a link or in the part after its `#`; null when there is none. */
export function ticketIn(text: string): string | null {
  const hash = text.includes('#') ? text.slice(text.indexOf('#') + 1) : text;
  const ticket = new URLSearchParams(hash).get('ticket');
  return ticket === null || ticket === '' ? null : ticket;
}

/** Trades a one-time ticket for a session token and keeps it for this tab. */
export async function redeemTicket(page: SignInPage, ticket: string): Promise<Result<string>> {
  try {
    const response = await page.fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ticket }),
    });
    if (response.status === 429)
      return fail('unauthorized', 'Too many failed tickets; wait a minute and make a new link.');
    if (!response.ok) return fail('unauthorized', 'This link was used already or has run out; make a new one.');
    const body = (await response.json()) as { readonly token?: unknown };
    if (typeof body.token !== 'string') return fail('internal', 'The server answered without a session token.');
    page.sessionStorage.setItem(TOKEN_KEY, body.token);
    return ok(body.token);
  } catch (cause) {
    return fail(
      'unavailable',
      `The server did not answer the sign-in: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

/** Takes a ticket out of the address, so that it is neither kept in the history nor copied with the address. */
export function takeTicket(page: SignInPage): string | null {
  const ticket = ticketIn(page.location.hash);
  if (ticket !== null) page.history.replaceState(null, '', page.location.pathname + page.location.search);
  return ticket;
}

/** The browser's way to the engine: a WebSocket, and the token of this tab in the hello. */
export function browserRoute(page: SignInPage): Route {
  return {
    refusalEnds: true,
    token: () => page.sessionStorage.getItem(TOKEN_KEY),
    async open() {
      const ticket = takeTicket(page);
      if (ticket !== null) {
        const redeemed = await redeemTicket(page, ticket);
        // An older token of this tab may still be good, so a spent ticket alone does not lock the person out.
        if (!redeemed.ok && page.sessionStorage.getItem(TOKEN_KEY) === null) return refused(redeemed.error.message);
      }
      if (page.sessionStorage.getItem(TOKEN_KEY) === null) return refused('This tab is not signed in.');
      const project = chosenProject(page);
      return openWebSocketChannel(`ws://${page.location.host}/ws${project === null ? '' : `?project=${project}`}`);
    },
  };
}

function refused(reason: string): Result<never> {
  return fail('unauthorized', reason, { data: { refused: true } });
}
