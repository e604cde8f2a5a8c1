import { describe, expect, test } from 'vitest';
import { ok } from '../../contract/result.ts';
import { type RoomHandlers, roomContract } from '../../contract/room.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { serveClient } from '../../contract/wire/server.ts';
import { createTopicHub } from '../../contract/wire/topicHub.ts';
import { pageScheduler } from '../app/page.ts';
import { agentView } from '../testing/fixtures.ts';
import { browserRoute, redeemTicket, type SignInPage, takeTicket, ticketIn } from './browserSession.ts';
import { mayOpen } from './externalLink.ts';
import { createRoomLink, type LinkState, type RoomLink } from './link.ts';

const scheduler = pageScheduler();

function until(link: RoomLink, kind: LinkState['kind']): Promise<LinkState> {
  return new Promise((resolve) => {
    const look = (state: LinkState) => {
      if (state.kind !== kind) return;
      stop();
      resolve(state);
    };
    const stop = link.state.subscribe(look);
    look(link.state.getState());
  });
}

function engine(token: string) {
  const hub = createTopicHub({ contract: roomContract, scheduler });
  const handlers = { 'fleet.pause': () => ok({}) } as unknown as RoomHandlers; // Only this procedure is called here.
  return {
    hub,
    open() {
      const [mine, theirs] = createMemoryPair();
      const session = serveClient({
        contract: roomContract,
        channel: theirs,
        handlers,
        hub,
        authorize: (hello) => (hello.token === token ? 'control' : null),
        scheduler,
        log: () => {},
        epoch: 'epoch-1',
        build: 'test',
      });
      return { mine, session };
    },
  };
}

describe('link', () => {
  test('follows topics over a lost connection and counts the connections', async () => {
    const served = engine('secret');
    const sessions: { close(reason: string): void }[] = [];
    const link = createRoomLink(
      {
        refusalEnds: true,
        token: () => 'secret',
        async open() {
          const { mine, session } = served.open();
          sessions.push(session);
          return ok(mine);
        },
      },
      scheduler,
    );
    const seen: string[][] = [];
    const told = new Promise<void>((resolve) => {
      link.subscribe('agents', ({ byId }) => {
        seen.push(Object.keys(byId));
        if (byId.b !== undefined) resolve();
      });
    });
    served.hub.publish('agents', { put: [agentView('a')], remove: [] });
    expect(await until(link, 'online')).toMatchObject({ connection: 1, scope: 'control' });
    sessions[0]?.close('the engine restarts');
    expect(await until(link, 'offline')).toMatchObject({ reason: 'the engine restarts' });
    served.hub.publish('agents', { put: [agentView('b')], remove: [] });
    link.retryNow();
    expect(await until(link, 'online')).toMatchObject({ connection: 2 });
    await told;
    expect(seen.at(-1)).toEqual(['a', 'b']);
    expect(await link.call('fleet.pause', { paused: true })).toEqual(ok({}));
    link.close();
  });

  test('a refusal stays on screen and is not tried again', async () => {
    let attempts = 0;
    const served = engine('secret');
    const link = createRoomLink(
      {
        refusalEnds: true,
        token: () => 'stale',
        async open() {
          attempts += 1;
          return ok(served.open().mine);
        },
      },
      scheduler,
    );
    await until(link, 'refused');
    link.retryNow();
    expect([link.state.getState().kind, attempts]).toEqual(['refused', 1]);
  });
});

describe('signing in', () => {
  function page(hash: string, reply: { ok: boolean; status: number; token?: unknown }, token: string | null = null) {
    const kept = new Map(token === null ? [] : [['overstory.session', token]]);
    const addresses: string[] = [];
    const requests: { path: string; body: unknown }[] = [];
    const made: SignInPage = {
      location: { hash, host: '127.0.0.1:1', pathname: '/', search: '' },
      history: { replaceState: (_data, _title, url) => void addresses.push(String(url)) },
      sessionStorage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
      async fetch(path, init) {
        requests.push({ path, body: JSON.parse(String(init.body)) });
        return { ...reply, json: async () => ({ token: reply.token }) };
      },
    };
    return { made, kept, addresses, requests };
  }

  test('a ticket is taken out of the address and traded for a token of this tab', async () => {
    const { made, kept, addresses, requests } = page('#ticket=abc', { ok: true, status: 200, token: 'tok' });
    expect(takeTicket(made)).toBe('abc');
    expect(addresses).toEqual(['/']);
    expect(await redeemTicket(made, 'abc')).toEqual(ok('tok'));
    expect(requests).toEqual([{ path: '/api/session', body: { ticket: 'abc' } }]);
    expect([...kept]).toEqual([['overstory.session', 'tok']]);
  });
  test.each([
    ['a spent ticket', { ok: false, status: 401 }, 'unauthorized'],
    ['too many tries', { ok: false, status: 429 }, 'unauthorized'],
    ['an answer without a token', { ok: true, status: 200, token: 7 }, 'internal'],
  ])('%s gives one clear line', async (_, reply, tag) => {
    const { made, kept } = page('', reply);
    expect(await redeemTicket(made, 'abc')).toMatchObject({ ok: false, error: { tag } });
    expect(kept.size).toBe(0);
  });
  test('without a ticket and a token nothing is dialled', async () => {
    const { made, requests } = page('', { ok: true, status: 200 });
    expect(await browserRoute(made).open()).toMatchObject({ ok: false, error: { data: { refused: true } } });
    expect(requests).toEqual([]);
  });
  test.each([
    ['http://127.0.0.1:4100/#ticket=a%2Bb', 'a+b'],
    ['ticket=x', 'x'],
    ['#ticket=', null],
    ['hello', null],
    ['', null],
  ])('the ticket in %j is %j', (text, ticket) => expect(ticketIn(text)).toBe(ticket));
});

test.each([
  ['https://example.org/a', true],
  ['mailto:a@example.org', true],
  ['http://localhost:3000', true],
  ['http://127.0.0.1:3000/x', true],
  ['http://example.org', false],
  ['http://localhost.example.org', false],
  ['javascript:alert(1)', false],
  ['file:///etc/passwd', false],
  ['not a link', false],
])('%s may leave the room: %s', (address, allowed) => expect(mayOpen(address)).toBe(allowed));
