// A process of its own for turnLock.test.ts: takes a lock, says so, holds it until its standard input ends.
import { once } from 'node:events';
import { openTurnLocks } from './turnLock.ts';

const [directory = '', agentName = '', timeout = '1000'] = process.argv.slice(2);
const locks = openTurnLocks(directory, { pollMs: 5, timeoutMs: Number(timeout) });
if (!locks.ok) throw new Error(locks.error.message);
process.stdout.write('asking\n');
const lease = await locks.value.acquire(agentName);
if (!lease.ok) throw new Error(lease.error.message);
process.stdout.write('held\n');
process.stdin.resume();
await once(process.stdin, 'end');
lease.value.release();
locks.value.close();
