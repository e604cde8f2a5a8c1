import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { useStage } from '../support/stage.ts';

describe('pages of other servers', () => {
  const stage = useStage();

  test('a page of another local server reaches nothing', async () => {
    const room = new URL(stage.page.url());
    const other = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>A dev server an agent started</p>');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const context = await stage.page.context().browser()?.newContext();
    if (context === undefined) throw new Error('the browser is gone');
    try {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
      const reached = await page.evaluate(async (host) => {
        const socket = await new Promise<string>((resolve) => {
          const opened = new WebSocket(`ws://${host}/ws`);
          opened.onopen = () => resolve('open');
          opened.onerror = () => resolve('refused');
        });
        const read = await fetch(`http://${host}/healthz`).then(
          () => 'read',
          () => 'refused',
        );
        const frame = document.createElement('iframe');
        frame.src = `http://${host}/`;
        const loaded = new Promise((resolve) => {
          frame.onload = resolve;
        });
        document.body.append(frame);
        await loaded;
        return { socket, read };
      }, room.host);
      expect(reached).toEqual({ socket: 'refused', read: 'refused' });
      // A refused frame still loads: with the refusal in it, or with an error page of the browser's own.
      for (const frame of page.frames().slice(1)) expect(await frame.content()).not.toContain('Overstory');
    } finally {
      await context.close();
      other.close();
    }
  });
});
