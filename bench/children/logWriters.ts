// Writes the logs of many agents at a steady pace, in the lines a runtime prints, and watches its own event loop meanwhile.
import { appendFile } from 'node:fs/promises';
import { watchLoop } from './loopMonitor.ts';

const [linesASecond = '0', ...paths] = process.argv.slice(2);
/** Milliseconds between two writes of one agent: two or three lines at once, as runtimes print a step. */
const everyMs = 3_000 / Number(linesASecond);

function step(path: string, count: number): string {
  const id = `toolu_${paths.indexOf(path)}_${count}`;
  const say = (content: unknown, type = 'assistant') =>
    `${JSON.stringify({ type, message: { id: `msg_${id}`, role: type, content: [content], usage: { input_tokens: 10, output_tokens: 20 } }, session_id: 'bench' })}\n`;
  return (
    say({ type: 'text', text: `Step ${count}: I look at the next file and change what the task asks for.` }) +
    say({
      type: 'tool_use',
      id,
      name: 'Edit',
      input: { file_path: `/repo/src/file${count}.ts`, old_string: 'a', new_string: 'b' },
    }) +
    say({ type: 'tool_result', tool_use_id: id, content: 'The file was changed.' }, 'user')
  );
}

const timers: NodeJS.Timeout[] = [];
let written = 0;
let stopLoop = watchLoop();
process.on('message', (word) => {
  if (word === 'start') {
    paths.forEach((path, index) => {
      let count = 0;
      // Spread over the interval, as agents that know nothing of each other are.
      timers.push(
        setTimeout(
          () => {
            timers.push(
              setInterval(() => {
                count += 1;
                written += 3;
                void appendFile(path, step(path, count));
              }, everyMs),
            );
          },
          (everyMs * index) / paths.length,
        ),
      );
    });
    return;
  }
  if (word === 'mark') {
    stopLoop();
    stopLoop = watchLoop();
    written = 0;
    return;
  }
  for (const timer of timers) clearTimeout(timer);
  process.send?.({ delay: stopLoop(), written });
});
process.send?.({ ready: true });
process.on('disconnect', () => process.exit(0));
