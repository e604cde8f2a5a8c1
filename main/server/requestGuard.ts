/** What of a request decides whether it is let in. */
export interface GuardedRequest {
  readonly method: string;
  /** Target as it was sent: origin form only. */
  readonly target: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly upgrade: boolean;
}

export type Verdict =
  | { readonly ok: true; readonly origin: string }
  | { readonly ok: false; readonly status: number; readonly reason: string };

/**
 * Host, Origin and fetch metadata (engineering.md 3.3 #2 to #4, #15). The Host check alone stops DNS rebinding, because a
 * rebound page's Origin matches its Host; the Origin check stops pages of other loopback ports.
 */
export function guardRequest(request: GuardedRequest, port: number): Verdict {
  if (!request.target.startsWith('/')) return { ok: false, status: 400, reason: 'only plain paths are served here' };
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, `control.localhost:${port}`];
  if (request.host === undefined || !hosts.includes(request.host))
    return { ok: false, status: 421, reason: 'this host name is not served here' };
  const origin = `http://${request.host}`;
  if (request.fetchSite !== undefined && request.fetchSite !== 'same-origin' && request.fetchSite !== 'none') {
    return { ok: false, status: 403, reason: 'requests of other sites are refused' };
  }
  const mustName = request.upgrade || (request.method !== 'GET' && request.method !== 'HEAD');
  if (mustName && request.origin !== origin)
    return { ok: false, status: 403, reason: 'the origin is missing or not ours' };
  return { ok: true, origin };
}
