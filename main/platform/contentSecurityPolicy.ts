/**
 * The content security policy of the page, as the value of a response header (engineering.md 3.1 #9, 3.3 #10). Inline
 * `<style>` elements are allowed because the terminal makes them; inline style attributes and scripts are not.
 * @param connectSources what the page may connect to besides its own origin, e.g. `ws://127.0.0.1:4711`.
 */
export function contentSecurityPolicy(connectSources: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "style-src-elem 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    ["connect-src 'self'", ...connectSources].join(' '),
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}
