import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { roomContract } from '../../contract/room.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { connectClient } from '../../contract/wire/client.ts';
import { type ChaosProject, createChaosProject } from '../core/chaos/chaosProject.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { webSocketChannel } from '../server/webSocketChannel.ts';

let project: ChaosProject;
const sockets: WebSocket[] = [];
beforeAll(async () => {
  project = await createChaosProject();
}, 120_000);
afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await project.dispose();
}, 120_000);

/** Opens a printed link as a page does, up to its session token. */
async function signIn(link: URL): Promise<string> {
  const sent = request({
    host: '127.0.0.1',
    port: link.port,
    path: '/api/session',
    method: 'POST',
    headers: { Host: link.host, Origin: link.origin },
  });
  sent.end(JSON.stringify({ ticket: link.hash.slice('#ticket='.length) }));
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer>];
  let body = '';
  for await (const chunk of response) body += chunk.toString();
  return (JSON.parse(body) as { token: string }).token;
}

/** What a wallboard's page gets that comes (again) with its token: the project's name, or why not. */
async function look(link: URL, token: string): Promise<string> {
  const socket = new WebSocket(`ws://${link.host}/ws`, { origin: link.origin });
  // What breaks after it opened ends as a closed connection.
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'open');
  const entered = await connectClient({
    contract: roomContract,
    channel: webSocketChannel(socket),
    hello: { build: PRODUCT_VERSION, token },
    scheduler: nodeScheduler,
  });
  if (!entered.ok) return entered.error.tag;
  const paused = await entered.value.call('fleet.pause', { paused: true });
  entered.value.close();
  return paused.ok ? 'it may act' : `watches (${paused.error.tag})`;
}

it('a wallboard is served again by the engine after a killed one, is listed with its end, and can be taken back', {
  timeout: 180_000,
}, async () => {
  await project.startEngine();
  expect((await project.ov(['wall', 'list'])).stdout).toContain('no wallboard is signed in');
  const opened = await project.ov(['open', '--wallboard', '--json']);
  const link = new URL((JSON.parse(opened.stdout) as { url: string }).url);
  const token = await signIn(link);
  await project.killEngine();
  await project.startEngine();
  // Nobody asked the new engine for a link: it serves because a wall looks at this port. Its engine answers calls before that.
  await expect
    .poll(
      async () =>
        await look(link, token).then(
          (seen) => seen,
          () => 'nobody listens',
        ),
      { timeout: 60_000 },
    )
    .toBe('watches (unauthorized)');
  const listed = await project.ov(['wall', 'list']);
  expect(listed.stdout).toMatch(/^[0-9a-f]{8} {2}http:\/\/127\.0\.0\.1:\d+ {2}signed in .* UTC {2}until .* UTC$/m);
  expect(listed.stdout).toContain(link.origin);
  expect(listed.stdout).not.toContain(token);
  expect(await project.ov(['wall', 'revoke'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('name one link ("ov wall list" shows them), or give --all'),
  });
  expect((await project.ov(['wall', 'revoke', '00000000'])).stderr).toContain('there is no wallboard link 00000000');
  const id = listed.stdout.slice(0, 8);
  expect((await project.ov(['wall', 'revoke', id])).stdout).toBe('one wallboard is cut off\n');
  expect(await look(link, token)).toBe('unauthorized');
  expect((await project.ov(['wall', 'list', '--json'])).stdout).toContain('"links":[]');
});
