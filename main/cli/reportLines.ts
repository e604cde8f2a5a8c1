import type { RunReport } from '../../contract/runReport.ts';
import { table } from './output.ts';

/** The report of a run as lines for a person. */
export function reportLines(report: RunReport): string[] {
  const { agents, turns, merges, money, mail, people, watchdog } = report;
  const usd = money.usd === null ? 'not known' : `${money.estimated ? '~' : ''}$${money.usd.toFixed(2)}`;
  const perLine = money.usdPerMergedLine === null ? '' : `, $${money.usdPerMergedLine.toFixed(4)} a merged line`;
  const open = report.completedAt === null ? 'so far ' : '';
  return [
    `${report.runId}  ${report.status}  ${open}${span(report.wallMs)}`,
    ...table([
      [
        'agents',
        `${agents.total}: ${counts(agents.byRole)}${agents.dead.length === 0 ? '' : `; dead: ${agents.dead.join(', ')}`}`,
      ],
      ['turns', `${turns.total}, at most ${turns.peak} at once, ${span(turns.busyMs)} in all, ${turns.failed} failed`],
      [
        'merges',
        `${merges.merged}${merges.merged === 0 ? '' : `: ${counts(merges.byTier)}`}; ${merges.open} open; ${merges.lines ?? 'unknown'} lines`,
      ],
      ['money', `${usd}${perLine}`],
      ['mail', `${mail.total}, ${mail.deadLetters} dead letters`],
      [
        'people',
        `${people.questions} questions, ${span(people.waitedMs)} waited for answers, ${people.unanswered} unanswered; ${people.mails} mails of yours`,
      ],
      [
        'watchdog',
        `acted ${watchdog.actions} times${watchdog.mistaken.length === 0 ? '' : `, on ${watchdog.mistaken.join(', ')} although they got their work done`}`,
      ],
    ]),
  ];
}

function counts(by: Readonly<Record<string, number>>): string {
  return Object.entries(by)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

/** "2h 15m", "3m 45s", "12s". */
function span(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours > 0) return minutes % 60 === 0 ? `${hours}h` : `${hours}h ${minutes % 60}m`;
  if (minutes > 0) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m ${seconds % 60}s`;
  return `${seconds}s`;
}
