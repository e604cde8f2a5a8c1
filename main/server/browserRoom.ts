import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import type { BrowserLinkInput } from '../../contract/projects.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { Channel } from '../../contract/wire/channel.ts';
import type { Hello, Scope } from '../../contract/wire/definition.ts';
import type { WallLinks } from '../core/room/wallLinks.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { contentSecurityPolicy } from '../platform/contentSecurityPolicy.ts';
import { findStaticFile } from '../platform/staticFiles.ts';
import { guardRequest, type Verdict } from './requestGuard.ts';
import { Tickets } from './tickets.ts';
import { webSocketChannel } from './webSocketChannel.ts';

export interface BrowserRoomOptions {
  /** Folder of the built renderer. */
  readonly rendererDirectory: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Identifies the engine to `/healthz`. */
  readonly instanceId: string;
  /**
   * A page's channel; `authorize` knows the tokens of signed-in pages.
   * @param project which other project of this machine it asks for; null for this engine's own.
   */
  readonly onChannel: (channel: Channel, authorize: (hello: Hello) => Scope | null, project: string | null) => void;
  readonly clock?: Clock;
  /** Keeps wallboards over the end of the engine; without it they end with it. */
  readonly wallLinks?: WallLinks;
}

/** The browser's way into the room: loopback only. */
export interface BrowserRoom {
  readonly port: number;
  /** A one-time link; the ticket is in the fragment, which reaches no log. */
  link(scope: Scope, view?: BrowserLinkInput['view']): string;
  close(): Promise<void>;
}

/** Connections at one time (engineering.md 3.3 #9). */
const MAX_SOCKETS = 16;
/** Milliseconds between pings; a page that does not answer one is dropped. */
const PING_MS = 30_000;
/** Bytes of a sign-in request. */
const MAX_BODY = 1_024;

/** Where pages connect: to this engine's project, or to another of this machine by its id. */
const SOCKET_PATH = /^\/ws(?:\?project=([0-9a-f]{16}))?$/;

const SignIn = z.object({ ticket: z.string().min(1).max(200) });

/** Starts the server on 127.0.0.1. Fails with `unavailable` when the port is taken. */
export async function startBrowserRoom(options: BrowserRoomOptions): Promise<Result<BrowserRoom>> {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LIMITS.frameBytes, perMessageDeflate: false });
  const listening = await listen(server, options.port);
  if (!listening.ok) return listening;
  const { port } = server.address() as AddressInfo;
  const { wallLinks } = options;
  const tickets = new Tickets(
    options.clock ?? systemClock,
    wallLinks === undefined ? null : { links: wallLinks, port: () => port },
  );
  /** Tokens of connected wallboards: whose link is taken back or runs out is cut off. */
  const walls = new Map<WebSocket, string>();
  const cutWalls = () => {
    for (const [socket, token] of walls) if (tickets.wallOf(token) === null) socket.terminate();
  };
  wallLinks?.onEnd(cutWalls);

  server.on('request', (request, response) => {
    const verdict = judge(request, port, false);
    if (!verdict.ok) return refuse(response, verdict.status, verdict.reason);
    void answer(request, response).catch(() => refuse(response, 500, 'internal error'));
  });
  server.on('connect', (_request, socket: Duplex) => socket.destroy());
  server.on('upgrade', (request, socket: Duplex, head) => {
    // A peer that breaks off in the middle of its handshake is no error of ours; without this it would end the engine.
    socket.on('error', () => socket.destroy());
    const verdict = judge(request, port, true);
    const full = sockets.clients.size >= MAX_SOCKETS;
    const asked = SOCKET_PATH.exec(request.url ?? '');
    if (!verdict.ok || asked === null || full) {
      const status = verdict.ok ? (asked === null ? 404 : 503) : verdict.status;
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      const authorize = (hello: Hello): Scope | null => {
        if (hello.token !== undefined && tickets.wallOf(hello.token) !== null) {
          walls.set(accepted, hello.token);
          accepted.once('close', () => walls.delete(accepted));
        }
        return tickets.scopeOf(hello.token);
      };
      options.onChannel(webSocketChannel(accepted), authorize, asked[1] ?? null);
    });
  });
  const unanswered = new WeakSet<WebSocket>();
  const ping = setInterval(() => {
    cutWalls();
    for (const socket of sockets.clients) {
      if (unanswered.has(socket)) {
        socket.terminate();
        continue;
      }
      unanswered.add(socket);
      socket.once('pong', () => unanswered.delete(socket));
      socket.ping();
    }
  }, PING_MS);
  ping.unref();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Cut by hand: a URL parser takes what follows `//` for a host and would serve the page for it.
    const [pathname = '/'] = (request.url ?? '/').split('?');
    if (request.method === 'POST' && pathname === '/api/session') return signIn(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'method not allowed');
    if (pathname === '/healthz') return json(response, 200, { instanceId: options.instanceId });
    const file = await findStaticFile(options.rendererDirectory, pathname);
    if (file === null) return refuse(response, 404, 'not found');
    response.writeHead(200, {
      ...HEADERS,
      'Content-Security-Policy': contentSecurityPolicy([`ws://${request.headers.host ?? ''}`]),
      'Content-Type': file.contentType,
      'Cache-Control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-store',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    createReadStream(file.path)
      .on('error', () => response.destroy())
      .pipe(response);
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const parsed = SignIn.safeParse(parseJson(body));
    if (!parsed.success) return refuse(response, 400, 'a ticket is needed');
    const redeemed = await tickets.redeem(parsed.data.ticket);
    if (redeemed.ok) return json(response, 200, { token: redeemed.token });
    if (redeemed.reason === 'tooMany')
      return refuse(response, 429, 'too many wrong tickets: wait a minute and ask for a new link');
    if (redeemed.reason === 'unkept') return refuse(response, 503, redeemed.message);
    return refuse(response, 401, 'this link was used already or is too old: ask for a new one');
  }

  return ok({
    port,
    link: (scope, view = 'room') =>
      `http://127.0.0.1:${port}/${view === 'room' ? '' : `?view=${view}`}#ticket=${tickets.issue(scope, view === 'wallboard')}`,
    async close() {
      clearInterval(ping);
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

/** Headers of every answer (engineering.md 3.3 #10); there are no CORS headers, ever. */
const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Permissions-Policy':
    'accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()',
} as const;

function judge(request: IncomingMessage, port: number, upgrade: boolean): Verdict {
  const { host, origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  return guardRequest(
    {
      method: request.method ?? 'GET',
      target: request.url ?? '',
      host,
      origin,
      fetchSite: typeof site === 'string' ? site : undefined,
      upgrade,
    },
    port,
  );
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  json(response, status, { error: reason });
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, {
    ...HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
  });
  response.end(JSON.stringify(value));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // What is larger than any sign-in is none: it parses as nothing.
    if (size > MAX_BODY) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is answered like any other request without a ticket.
    return null;
  }
}

function listen(server: Server, port: number): Promise<Result<null>> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        fail(
          'unavailable',
          error.code === 'EADDRINUSE'
            ? `port ${port} is taken: choose another with --port, or leave it out`
            : `the browser room cannot listen on port ${port}: ${error.message}`,
        ),
      );
    });
    server.listen(port, '127.0.0.1', () => resolve(ok(null)));
  });
}
