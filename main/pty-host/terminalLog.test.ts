import { describe, expect, it } from 'vitest';
import { HOST_LIMITS } from './hostLimits.ts';
import { openTerminalLog } from './terminalLog.ts';

/** A file whose writes finish when the test says so. */
function slowFile() {
  const written: Buffer[] = [];
  const pending: Array<{ finish(): void; fail(error: Error): void }> = [];
  let closed = false;
  return {
    written,
    pending,
    get closed() {
      return closed;
    },
    open: async () => ({
      appendFile: (data: unknown) =>
        new Promise<void>((resolve, reject) => {
          pending.push({
            finish: () => {
              written.push(data as Buffer);
              resolve();
            },
            fail: reject,
          });
        }),
      close: async () => {
        closed = true;
      },
    }),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('openTerminalLog', () => {
  it('keeps the order, joins what waits, and closes after the last byte', async () => {
    const file = slowFile();
    const log = await openTerminalLog('log', { onRelief() {}, onFault() {} }, file.open);
    log.append(Buffer.from('a'));
    log.append(Buffer.from('b'));
    log.append(Buffer.from('c'));
    const finished = log.finish(60_000);
    file.pending[0]?.finish();
    await settled();
    expect(file.closed).toBe(false);
    file.pending[1]?.finish();
    await finished;
    expect(file.written.map(String)).toEqual(['a', 'bc']);
    expect(file.closed).toBe(true);
  });

  it('says when the disk is too far behind, and when it has caught up', async () => {
    const file = slowFile();
    let reliefs = 0;
    const events = {
      onRelief() {
        reliefs += 1;
      },
      onFault() {},
    };
    const log = await openTerminalLog('log', events, file.open);
    log.append(new Uint8Array(HOST_LIMITS.logQueueBytes - 1));
    expect(log.isFull).toBe(false);
    log.append(new Uint8Array(1));
    expect(log.isFull).toBe(true);
    file.pending[0]?.finish();
    await settled();
    expect(log.isFull).toBe(false);
    expect(reliefs).toBe(1);
    file.pending[1]?.finish();
    await log.finish(60_000);
  });

  it('reports a full disk once, drops the rest, and holds nobody', async () => {
    const file = slowFile();
    const faults: string[] = [];
    const log = await openTerminalLog(
      'log',
      { onRelief() {}, onFault: (error) => faults.push(String(error)) },
      file.open,
    );
    log.append(Buffer.from('a'));
    file.pending[0]?.fail(new Error('ENOSPC'));
    await settled();
    log.append(new Uint8Array(HOST_LIMITS.logQueueBytes));
    expect(log.isFull).toBe(false);
    await log.finish(60_000);
    expect(faults).toEqual(['Error: ENOSPC']);
    expect(file.closed).toBe(true);
  });

  it('gives up waiting for a disk that hangs', async () => {
    const file = slowFile();
    const log = await openTerminalLog('log', { onRelief() {}, onFault() {} }, file.open);
    log.append(Buffer.from('a'));
    await log.finish(10);
    expect(file.closed).toBe(false);
    file.pending[0]?.finish();
  });
});
