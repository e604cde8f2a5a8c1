import { run } from '../lib/run.ts';

/**
 * The command to put before a suite so that it has a network of its own with nothing but loopback: no agent can reach a real
 * server, whatever it tries. Only root on Linux can make one; elsewhere the suite runs as it is, and says so.
 */
export async function loopbackOnly(say: (line: string) => void): Promise<readonly string[]> {
  const possible =
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    (await run('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up'])).code === 0;
  if (!possible) {
    say('The agents are not cut off from the network: that needs root on Linux with unshare and ip.');
    return [];
  }
  say('The agents have a network of their own with loopback only.');
  return ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'];
}
