import type { AgentEvidence } from '../../../contract/evidence.ts';
import { fail, ok } from '../../../contract/result.ts';
import { agentActions } from '../../actions/agentActions.tsx';
import { roomActions } from '../../actions/roomActions.tsx';
import { screenActions } from '../../app/screens.tsx';
import { ago, attentionItem, mailMessage, roomStatus, taskView } from '../fixtures.ts';
import { createPlayedRoom, type PlayedRoom } from '../playedRoom.ts';
import { playChanges } from './sampleChanges.ts';
import { playCosts } from './sampleCosts.ts';
import { sampleFleet } from './sampleFleet.ts';
import { playHealth } from './sampleHealth.ts';
import { playMerges } from './sampleMerges.ts';
import { playRadar } from './sampleRadar.ts';
import { playSettings } from './sampleSettings.ts';
import { sampleTimeline } from './sampleTimeline.ts';

const ESC = '\u001b';
const dim = (text: string) => `${ESC}[2m${text}${ESC}[0m`;
const bold = (text: string) => `${ESC}[1m${text}${ESC}[0m`;
const blue = (text: string) => `${ESC}[34m${text}${ESC}[0m`;
const red = (text: string) => `${ESC}[31m${text}${ESC}[0m`;
const green = (text: string) => `${ESC}[32m${text}${ESC}[0m`;

/** What an agent's terminal shows: its turn as the engine draws it. */
const TRANSCRIPT = [
  dim('14:28:51  turn 4 started, 2 mails injected'),
  '',
  bold('Reading the template first, then the sender.'),
  `${blue('Read')}  src/mail/template.ts  ${dim('112 lines')}`,
  `${blue('Bash')}  npm test -- mail`,
  `  ${red('x sends one mail per invoice')}`,
  dim('    expected 3 calls, got 2'),
  `  ${green('renders the due date')}  ${dim('14 ms')}`,
  `${blue('Edit')}  src/mail/send.ts  ${green('+4')} ${red('-2')}`,
  red('  -  if (sent.has(invoice.customer)) return'),
  green('  +  if (sent.has(invoice.id)) return'),
  bold('The guard keyed on the customer. Running the suite again.'),
].join('\r\n');

function signals(agentName: string, quiet: boolean): AgentEvidence {
  const fresh = (detail: string) => ({ state: 'fresh' as const, at: ago(2), detail });
  const old = (detail: string, seconds: number) => ({ state: 'quiet' as const, at: ago(seconds), detail });
  return {
    agentName,
    verdict: quiet ? 'looping' : 'healthy',
    reason: quiet ? 'Read, Bash, Read x7 with identical input' : 'writes and changes files',
    since: ago(372),
    signals: {
      process: fresh('alive'),
      terminal: fresh('writes'),
      events: fresh('tool calls'),
      mail: quiet ? old('nothing sent', 840) : fresh('sent to lead-export'),
      git: quiet ? old('no new files', 660) : fresh('2 files changed'),
    },
    level: quiet ? 1 : null,
    next: quiet ? { rule: 'looping', mode: 'shadow', action: 'nudge', at: ago(-60) } : null,
  };
}

function publishMail(played: PlayedRoom): void {
  played.publish('mail', {
    put: [
      mailMessage('m1', {
        read: true,
        delivery: {
          state: 'acknowledged',
          turnId: 'csv-writer/1',
          attempts: 1,
          nextAttemptAt: null,
          updatedAt: ago(540),
        },
      }),
      mailMessage('m2', {
        from: 'tax-rounding',
        to: 'operator',
        subject: 'Round half even or half up?',
        body: 'The invoices of 2025 use half up. Which one shall I use?',
        type: 'decision_gate',
        priority: 'high',
        payload: JSON.stringify({ question: 'Round half even or half up?', options: ['half even', 'half up'] }),
        createdAt: ago(48),
      }),
      mailMessage('m3', {
        from: 'parser',
        to: 'lead-import',
        subject: 'merge_ready OV-26',
        body: 'The parser is finished.',
        type: 'merge_ready',
        payload: JSON.stringify({ branch: 'overstory/parser/OV-26', taskId: 'OV-26' }),
        read: true,
        createdAt: ago(620),
      }),
      mailMessage('m4', {
        from: 'mailer',
        to: 'operator',
        subject: 'SMTP host',
        body: 'Which host sends the mails in the test environment?',
        type: 'question',
        createdAt: ago(840),
      }),
      mailMessage('m5', {
        from: 'lead-export',
        to: 'operator',
        subject: 'Status of the export, with a subject that is much longer than the list is wide',
        body: 'Two of four builders are done.',
        type: 'status',
        read: true,
        createdAt: ago(1_200),
      }),
    ],
    remove: [],
  });
}

function publishTasks(played: PlayedRoom): void {
  const columns = ['backlog', 'ready', 'in_progress', 'review', 'merging', 'done'] as const;
  const titles = [
    'Archive exports after 90 days',
    'Currency rounding report',
    'Retry failed webhooks with jitter',
    'Index invoices by due date',
    'CSV writer',
    'PDF writer',
    'Mail the exports',
    'Import parser',
    'Stream large files without holding a whole statement in memory at any time',
    'Parser skeleton',
    'Fixture set',
  ];
  const places = [0, 0, 1, 1, 2, 2, 2, 3, 4, 5, 5];
  const workers: Readonly<Record<number, string>> = { 4: 'csv-writer', 5: 'pdf-writer', 6: 'mailer' };
  played.publish('tasks', {
    put: titles.map((title, index) =>
      taskView(`OV-${22 + index}`, {
        title,
        column: columns[places[index] ?? 0] ?? 'backlog',
        priority: 1 + (index % 3),
        files: index % 2 === 0 ? ['src/export'] : [],
        blockedBy: index === 1 ? ['OV-26'] : [],
        agent: workers[index] ?? null,
        order: index,
      }),
    ),
    remove: [],
  });
}

/** A room in the middle of its work, always the same to the last figure: what the pictures are taken of. */
export function sampleRoom(options: { readonly empty: boolean }): PlayedRoom {
  const played = createPlayedRoom({
    // What a picture does not need is not played; a screen shows then that it could not be had.
    otherwise: (name) => fail('unavailable', `${name} is not played in the pictures.`),
  });
  played.room.actions.register([...roomActions, ...agentActions, ...screenActions]);
  played.answer('terminals.attach', () =>
    ok({
      stream: 1,
      anchor: { epoch: 'e', offset: 0 },
      snapshot: TRANSCRIPT,
      size: { cols: 100, rows: 30 },
      running: true,
    }),
  );
  played.answer('terminals.resize', () => ok({}));
  played.answer('timeline.page', () => ok({ items: [] }));
  played.answer('mail.list', () => ok({ messages: [] }));
  played.answer('mail.markRead', () => ok({}));
  if (options.empty) {
    played.publish('status', {
      value: roomStatus({ runId: null, terminals: 0, mergesWaiting: 0, spendUsd: 0, activity: [] }),
    });
    return played;
  }
  const fleet = sampleFleet();
  played.publish('status', { value: roomStatus() });
  played.publish('agents', { put: fleet, remove: [] });
  played.publish('runs', {
    put: [
      {
        id: 'run-1',
        startedAt: ago(2_280),
        completedAt: null,
        status: 'active',
        coordinator: 'coordinator',
        agentCount: fleet.length,
        costUsd: 4.18,
        current: true,
      },
    ],
    remove: [],
  });
  played.publish('attention', {
    put: [
      attentionItem('gate'),
      attentionItem('question', {
        kind: 'question',
        agent: 'mailer',
        taskId: 'OV-31',
        title: 'SMTP host',
        detail: 'Which host sends the mails in the test environment?',
        options: [],
        mailId: 'm4',
        at: ago(840),
      }),
      attentionItem('merge', {
        kind: 'conflict',
        agent: 'pdf-writer',
        taskId: 'OV-29',
        title: 'Conflict in src/export/pdf.ts',
        detail: 'The branch and main both changed lines 40 to 52.',
        options: [],
        mergeId: 1,
        at: ago(120),
      }),
    ],
    remove: [],
  });
  publishMail(played);
  publishTasks(played);
  playMerges(played);
  playRadar(played);
  playCosts(played, fleet);
  playHealth(played);
  playSettings(played);
  playChanges(played);
  played.publish('terminals', {
    put: fleet.slice(2, 5).map(({ name }) => ({
      id: `agent:${name}`,
      kind: 'agent' as const,
      agent: name,
      title: name,
      cwd: `/home/operator/billing-service/.overstory/worktrees/${name}`,
      running: name !== 'tax-rounding',
      pid: null,
      exit: null,
      createdAt: ago(1_800),
    })),
    remove: [],
  });
  played.publish('evidence', { put: fleet.map(({ name }) => signals(name, name === 'mailer')), remove: [] });
  played.publish('timeline', { append: sampleTimeline() });
  return played;
}
