import type { ChangedFile, DiffLine } from '../../../contract/changes.ts';
import type { PlayedRoom } from '../playedRoom.ts';
import { play } from './play.ts';

const file = (path: string, added: number, removed: number, more: Partial<ChangedFile> = {}): ChangedFile => ({
  path,
  from: null,
  change: 'modified',
  added,
  removed,
  uncommitted: false,
  ...more,
});

const FILES: ChangedFile[] = [
  file('src/mail/send.ts', 4, 2, { uncommitted: true }),
  file('src/mail/template.ts', 31, 6),
  file('src/mail/queue.ts', 58, 0, { change: 'added' }),
  file('test/mail.test.ts', 44, 3),
];

const line = (kind: DiffLine['kind'], number: number, text: string): DiffLine => ({
  kind,
  old: kind === 'added' ? null : number,
  new: kind === 'removed' ? null : number,
  text,
});

/** Plays what an agent changed: the same few files of the mailer's task, whoever is asked about. */
export function playChanges(played: PlayedRoom): void {
  play(played, 'agents.changes', ({ agentName }) => ({
    agentName,
    branch: `overstory/${agentName}/OV-31`,
    target: 'main',
    base: '4f2a91c0d7b35e8816fa2c94be07d1536ac8e290',
    head: '8be1370d7b35e8816fa2c94be07d1536ac8e2912',
    tip: 'c07d1536ac8e29124f2a91c0d7b35e8816fa2c94',
    worktree: `/home/operator/billing-service/.overstory/worktrees/${agentName}`,
    files: FILES,
    count: FILES.length,
    added: 137,
    removed: 11,
    uncommitted: 1,
  }));
  play(played, 'agents.diff', ({ path }) => ({
    path,
    hunks: [
      {
        old: 21,
        new: 21,
        heading: 'export function send(invoice: Invoice): void {',
        lines: [
          line('same', 21, '  const mail = mailText(invoice);'),
          line('removed', 22, '  if (sent.has(invoice.customer)) return;'),
          line('added', 22, '  if (sent.has(invoice.id)) return;'),
          line('same', 23, '  queue.push(mail);'),
        ],
      },
    ],
    note: null,
  }));
}
