// node-pty with nothing around it: reads as fast as it can, or echoes keys beside floods. The floor for the pty host.
import { spawn } from 'node-pty';

const [mode = '', ...rest] = process.argv.slice(2);
const SIZE = { cols: 80, rows: 24, encoding: null } as const;

/** Reads `count` terminals that print a file each, and tells milliseconds and bytes. */
function throughput(count: number, file: string, bytesEach: number): void {
  const started = performance.now();
  const cpu = process.cpuUsage();
  let open = count;
  for (let index = 0; index < count; index += 1) {
    let bytes = 0;
    const pty = spawn('cat', [file], SIZE);
    pty.onData((data) => {
      // With a null encoding node-pty hands out Buffers, whatever its types say.
      bytes += (data as unknown as Buffer).length;
      if (bytes < bytesEach) return;
      open -= 1;
      if (open > 0) return;
      const { user, system } = process.cpuUsage(cpu);
      process.send?.({ ms: performance.now() - started, cpuMs: (user + system) / 1_000 }, () => process.exit(0));
    });
  }
}

/** Types a key at a time into a raw `cat` while `floods` terminals flood, and tells the milliseconds of each echo. */
function echo(floods: number, keys: number, restMs: number): void {
  const noise = Array.from({ length: floods }, () => spawn('yes', ['a line of a terminal that floods'], SIZE));
  for (const pty of noise) pty.onData(() => {});
  const mirror = spawn('sh', ['-c', 'stty raw -echo; printf ready; exec cat'], SIZE);
  const times: number[] = [];
  let typed = 0;
  const type = (): void => {
    typed = performance.now();
    mirror.write('k');
  };
  mirror.onData((data) => {
    const text = (data as unknown as Buffer).toString();
    if (text.includes('k')) times.push(performance.now() - typed);
    if (times.length < keys) {
      setTimeout(type, restMs);
      return;
    }
    for (const pty of [...noise, mirror]) pty.kill('SIGKILL');
    process.send?.(times, () => process.exit(0));
  });
}

process.once('message', () => {
  if (mode === 'throughput') throughput(Number(rest[0]), rest[1] ?? '', Number(rest[2]));
  else echo(Number(rest[0]), Number(rest[1]), Number(rest[2]));
});
process.send?.({ ready: true });
