import { readFile } from 'node:fs/promises';
import { contentSecurityPolicy } from '../platform/contentSecurityPolicy.ts';
import { findStaticFile } from '../platform/staticFiles.ts';
import { APP_HOST, APP_SCHEME } from './app.ts';

/** Headers of every answer (engineering.md 3.1 #9; the rest as in browser mode, 3.3 #10). */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy(),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What of a request the handler looks at. */
export interface PageRequest {
  readonly url: string;
  readonly method: string;
}

/**
 * Answers requests for `app://control/...` from the built renderer: GET and HEAD only, files below the root only, known
 * types only; 404 for everything else (engineering.md 3.1 #8).
 * @param root absolute folder of the built renderer.
 */
export function createPageHandler(root: string): (request: PageRequest) => Promise<Response> {
  const refuse = (status: number): Response => new Response(null, { status, headers: PAGE_HEADERS });
  return async (request) => {
    const url = new URL(request.url);
    if (url.protocol !== `${APP_SCHEME}:` || url.host !== APP_HOST) return refuse(404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    const file = await findStaticFile(root, url.pathname);
    if (file === null) return refuse(404);
    const body = request.method === 'HEAD' ? null : new Uint8Array(await readFile(file.path));
    const cache = file.immutable ? 'public, max-age=31536000, immutable' : 'no-store';
    return new Response(body, {
      status: 200,
      headers: { ...PAGE_HEADERS, 'Content-Type': file.contentType, 'Cache-Control': cache },
    });
  };
}
