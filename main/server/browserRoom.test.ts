import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LIMITS } from '../../contract/limits.ts';
import type { Result } from '../../contract/result.ts';
import { type RoomClient, roomContract } from '../../contract/room.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { connectClient } from '../../contract/wire/client.ts';
import type { Engine } from '../core/engine.ts';
import { createTestProject, type TestProject } from '../core/testEngine.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { type BrowserRoom, startBrowserRoom } from './browserRoom.ts';
import { webSocketChannel } from './webSocketChannel.ts';

/** Raw sockets against a real engine (engineering.md 3.3): nothing here is polite about HTTP. */

let project: TestProject;
let engine: Engine;
let folder: string;
beforeAll(async () => {
  project = await createTestProject();
  engine = (await project.start()).engine;
  folder = await mkdtemp(join(tmpdir(), 'browser-room-'));
  await mkdir(join(folder, 'renderer', 'assets'), { recursive: true });
  await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html><title>room</title>');
  await writeFile(join(folder, 'renderer', 'assets', 'app-1a2b3c4d.js'), 'export {};');
  await writeFile(join(folder, 'secret.json'), '{"secret":true}');
  await symlink(join(folder, 'secret.json'), join(folder, 'renderer', 'leak.json'));
});
afterAll(async () => {
  await project.dispose();
  await rm(folder, { recursive: true, force: true });
});

let now = 1_000_000;
let room: BrowserRoom;
let open: (WebSocket | Socket)[] = [];
beforeEach(async () => {
  const started = await startBrowserRoom({
    rendererDirectory: join(folder, 'renderer'),
    port: 0,
    instanceId: 'instance-1',
    onChannel: (channel, authorize) => void engine.connect(channel, authorize),
    clock: { now: () => now },
  });
  if (!started.ok) throw new Error(started.error.message);
  room = started.value;
});
afterEach(async () => {
  for (const socket of open) {
    if (socket instanceof WebSocket) socket.terminate();
    else socket.destroy();
  }
  open = [];
  await room.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends bytes as they are and reads until the server closes. Status 0: closed without an answer. */
async function raw(bytes: string): Promise<Answer> {
  const socket = connect(room.port, '127.0.0.1');
  open.push(socket);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString('latin1');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers: Object.fromEntries(headers),
    body: rest.join('\r\n\r\n'),
  };
}

const host = (): string => `127.0.0.1:${room.port}`;

function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  const all = { Host: host(), Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return raw(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
}

function post(path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const all = { Host: host(), Connection: 'close', Origin: `http://${host()}`, ...headers };
  const lines = Object.entries({ ...all, 'Content-Length': String(Buffer.byteLength(body)) });
  return raw(
    `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`,
  );
}

const ticketOf = (link: string): string => new URL(link).hash.slice('#ticket='.length);
const redeem = (ticket: string): Promise<Answer> => post('/api/session', JSON.stringify({ ticket }));
const tokenOf = (answer: Answer): string =>
  (JSON.parse(/\{.*\}/.exec(answer.body)?.[0] ?? '') as { token: string }).token;

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

async function openSocket(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${host()}/ws`, { origin: `http://${host()}` });
  open.push(socket);
  await once(socket, 'open');
  return socket;
}

async function enter(token: string | undefined): Promise<Result<RoomClient>> {
  return connectClient({
    contract: roomContract,
    channel: webSocketChannel(await openSocket()),
    hello: { build: PRODUCT_VERSION, ...(token === undefined ? {} : { token }) },
    scheduler: nodeScheduler,
  });
}

describe('Host (line 2)', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]', 'control.localhost'])('%s with the port is served', async (name) => {
    expect((await get('/', { Host: `${name}:${room.port}` })).status).toBe(200);
  });
  it.each(['evil.test', '127.0.0.1', 'localhost', '127.0.0.1.evil.test', '0.0.0.0', '127.1', '2130706433'])(
    '%s is refused, whatever the Origin says',
    async (name) => {
      const Host = name === '127.0.0.1' || name === 'localhost' ? name : `${name}:${room.port}`;
      expect((await get('/', { Host, Origin: `http://${Host}` })).status).toBe(421);
      expect((await get('/ws', { ...UPGRADE, Host, Origin: `http://${Host}` })).status).toBe(421);
    },
  );
  it('another port or none at all is refused', async () => {
    expect((await get('/', { Host: `127.0.0.1:${room.port + 1}` })).status).toBe(421);
    expect((await raw('GET / HTTP/1.1\r\nConnection: close\r\n\r\n')).status).toBe(400);
    expect((await raw('GET / HTTP/1.0\r\n\r\n')).status).toBe(421);
  });
  it('a forwarded host changes nothing (line 15)', async () => {
    expect((await get('/', { Host: 'evil.test', 'X-Forwarded-Host': host() })).status).toBe(421);
    expect((await get('/', { 'X-Forwarded-Host': 'evil.test' })).status).toBe(200);
  });
});

describe('Origin (line 3)', () => {
  it.each([
    ['missing', {}],
    ['null', { Origin: 'null' }],
    ['another loopback port', { Origin: 'http://127.0.0.1:1' }],
    ['an alias of our own address', { Origin: 'http://localhost:PORT' }],
    ['https', { Origin: 'https://127.0.0.1:PORT' }],
    ['a path behind it', { Origin: 'http://127.0.0.1:PORT/' }],
  ])('%s: neither upgrade nor sign-in', async (_name, headers) => {
    const own = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', String(room.port))]),
    );
    expect((await get('/ws', { ...UPGRADE, ...own })).status).toBe(403);
    const body = '{"ticket":"x"}';
    const lines = Object.entries({ Host: host(), Connection: 'close', 'Content-Length': String(body.length), ...own });
    const answer = await raw(
      `POST /api/session HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`,
    );
    expect(answer.status).toBe(403);
  });

  it('a page on another loopback port cannot connect', async () => {
    const socket = new WebSocket(`ws://${host()}/ws`, { origin: 'http://127.0.0.1:8802' });
    socket.on('error', () => {});
    open.push(socket);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(403);
  });
});

describe('fetch metadata (line 4)', () => {
  it.each([
    ['cross-site', 403],
    ['same-site', 403],
    ['same-origin', 200],
    ['none', 200],
  ])('%s is answered with %i', async (site, status) => {
    expect((await get('/', { 'Sec-Fetch-Site': site })).status).toBe(status);
  });
});

describe('no cookies, no CORS (lines 5 and 10)', () => {
  it('no answer sets a cookie or allows another origin', async () => {
    const answers = await Promise.all([
      get('/'),
      get('/nothing.html'),
      get('/', { Origin: 'http://evil.test', Cookie: 'token=1' }),
      get('/', { Host: 'evil.test' }),
      get('/healthz'),
      redeem(ticketOf(room.link('read'))),
      redeem('wrong'),
    ]);
    for (const { headers } of answers) {
      expect(headers).not.toHaveProperty('set-cookie');
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
  it('a preflight is refused', async () => {
    const asked = { Origin: 'http://evil.test', 'Access-Control-Request-Method': 'POST' };
    expect((await get('/api/session', asked, 'OPTIONS')).status).toBe(403);
    expect((await get('/api/session', { ...asked, Origin: `http://${host()}` }, 'OPTIONS')).status).toBe(405);
  });
});

describe('tickets (lines 6 to 8)', () => {
  it('the ticket is in the fragment only, and a token comes of it once', async () => {
    const link = new URL(room.link('control'));
    expect(link.hash).toMatch(/^#ticket=[\w-]{43}$/);
    expect(`${link.pathname}${link.search}`).toBe('/');
    const ticket = ticketOf(link.href);
    const first = await redeem(ticket);
    expect(first.status).toBe(200);
    expect(tokenOf(first)).toMatch(/^[\w-]{43}$/);
    expect((await redeem(ticket)).status).toBe(401);
  });
  it('of two that come with one ticket at once one is let in', async () => {
    const ticket = ticketOf(room.link('read'));
    const both = await Promise.all([redeem(ticket), redeem(ticket)]);
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 401]);
  });
  it('it is good for a minute', async () => {
    const [late, early] = [ticketOf(room.link('read')), ticketOf(room.link('read'))];
    now += 60_000;
    expect((await redeem(early)).status).toBe(200);
    now += 1;
    expect((await redeem(late)).status).toBe(401);
  });
  it('ten wrong ones within a minute stop all others, also right ones', async () => {
    for (let count = 0; count < 10; count += 1) expect((await redeem(`wrong-${count}`)).status).toBe(401);
    const ticket = ticketOf(room.link('read'));
    expect((await redeem(ticket)).status).toBe(429);
    now += 60_001;
    expect((await redeem(ticketOf(room.link('read')))).status).toBe(200);
  });
  it.each(['', '{', '[]', '{"ticket":""}', '{"ticket":7}', `{"ticket":"${'x'.repeat(5_000)}"}`])(
    'a body such as %j is refused',
    async (body) => {
      expect((await post('/api/session', body)).status).toBe(400);
    },
  );
});

describe('the WebSocket (line 9)', () => {
  it('a page with its token may do what its link says, and no more', async () => {
    const reader = await enter(tokenOf(await redeem(ticketOf(room.link('read')))));
    if (!reader.ok) throw new Error(reader.error.message);
    expect((await reader.value.snapshot('status')).ok).toBe(true);
    expect(await reader.value.call('fleet.pause', { paused: true })).toMatchObject({ error: { tag: 'unauthorized' } });
    const admin = await enter(tokenOf(await redeem(ticketOf(room.link('admin')))));
    if (!admin.ok) throw new Error(admin.error.message);
    expect(await admin.value.call('fleet.pause', { paused: false })).toEqual({ ok: true, value: {} });
  });
  it.each([
    ['no token', undefined],
    ['a ticket instead of a token', 'ticket'],
    ['a wrong token', 'x'.repeat(43)],
  ])('%s: refused at hello', async (_name, given) => {
    const token = given === 'ticket' ? ticketOf(room.link('admin')) : given;
    expect(await enter(token)).toMatchObject({ ok: false, error: { tag: 'unauthorized' } });
  });
  it('the engine token of the socket file is no key to the browser room', async () => {
    expect(await enter(engine.info.token)).toMatchObject({ ok: false, error: { tag: 'unauthorized' } });
  });
  it('who says nothing is cut off within the hello time', async () => {
    // From before the connection: the server's time begins while this side may not have heard of its own yet.
    const begun = performance.now();
    const socket = await openSocket();
    await once(socket, 'close');
    expect(performance.now() - begun).toBeGreaterThan(LIMITS.helloTimeoutMs - 500);
  });
  it('a frame above the limit ends the connection', async () => {
    const socket = await openSocket();
    socket.on('error', () => {});
    socket.send(Buffer.alloc(LIMITS.frameBytes + 1));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1009);
  });
  it('frames are not compressed, even when the page offers it', async () => {
    const socket = await openSocket();
    expect(socket.extensions).toBe('');
  });
  it('the seventeenth connection is refused with 503, and a freed place is given again', async () => {
    const sockets = await Promise.all(Array.from({ length: 16 }, () => openSocket()));
    const own = { ...UPGRADE, Origin: `http://${host()}` };
    expect((await get('/ws', own)).status).toBe(503);
    sockets[0]?.terminate();
    await expect
      .poll(
        async () =>
          await openSocket().then(
            () => 101,
            () => 503,
          ),
      )
      .toBe(101);
  });
  it('only /ws is a WebSocket', async () => {
    expect((await get('/', { ...UPGRADE, Origin: `http://${host()}` })).status).toBe(404);
    for (const query of [
      'x=1',
      'project=',
      'project=../../etc',
      `project=${'a'.repeat(16)}&x=1`,
      `project=${'A'.repeat(16)}`,
    ])
      expect((await get(`/ws?${query}`, { ...UPGRADE, Origin: `http://${host()}` })).status).toBe(404);
  });
  it('a refused peer that breaks off takes nothing down', async () => {
    for (let count = 0; count < 20; count += 1) {
      const socket = connect(room.port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write('GET /ws HTTP/1.1\r\nHost: evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.resetAndDestroy();
    }
    expect((await get('/healthz')).status).toBe(200);
  });
});

describe('headers (line 10)', () => {
  it('the page comes with all of them', async () => {
    const { headers } = await get('/');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    });
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://${host()}`);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['permissions-policy']).toContain('microphone=()');
  });
  it('hashed assets may be kept, answers of the API may not', async () => {
    expect((await get('/assets/app-1a2b3c4d.js')).headers['cache-control']).toContain('immutable');
    expect((await get('/healthz')).headers['cache-control']).toBe('no-store');
    expect((await redeem(ticketOf(room.link('read')))).headers['cache-control']).toBe('no-store');
  });
});

describe('static files (line 11)', () => {
  it.each([
    '/../secret.json',
    '/..%2fsecret.json',
    '/%2e%2e/secret.json',
    '/%2e%2e%2fsecret.json',
    '/assets/..%2f..%2fsecret.json',
    '/..%5csecret.json',
    '/%252e%252e%252fsecret.json',
    '/leak.json',
    '/assets/',
    '/assets',
    '/%00',
    '/%',
    '//secret.json',
    '//evil.test:99999/',
    '///',
    '/index.html%00.js',
  ])('%s is not served', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).not.toContain('secret"');
  });
  it.each(['PUT', 'DELETE', 'PATCH', 'TRACE', 'POST'])('%s on a page is refused', async (method) => {
    expect((await get('/', { Origin: `http://${host()}` }, method)).status).toBeGreaterThanOrEqual(400);
  });
  it('HEAD gives the head only', async () => {
    const answer = await get('/', {}, 'HEAD');
    expect([answer.status, answer.body]).toEqual([200, '']);
  });
});

describe('proxies (line 15)', () => {
  it('CONNECT and absolute targets are refused', async () => {
    expect((await raw(`CONNECT ${host()} HTTP/1.1\r\nHost: ${host()}\r\n\r\n`)).status).toBe(0);
    expect((await get(`http://${host()}/`)).status).toBe(400);
    expect((await get('http://evil.test/', { Host: host() })).status).toBe(400);
    expect((await get('*', {}, 'OPTIONS')).status).toBe(400);
  });
  it('only loopback is listened on', async () => {
    expect(room.link('read').startsWith('http://127.0.0.1:')).toBe(true);
  });
});
