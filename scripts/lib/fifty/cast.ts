import type { AgentState, Capability } from '../../../contract/agents.ts';

/** A piece of work of the photographed run. */
export interface Piece {
  readonly id: string;
  readonly title: string;
  readonly files: readonly string[];
  /** What its agent says when it is done. */
  readonly did: string;
}

/** Work that one lead looks after. */
export interface Stream {
  readonly lead: string;
  readonly group: string;
  readonly pieces: readonly Piece[];
}

const QUARTERLY = 'src/import/statements/quarterly/attachments';

/** Everything the run works on: ordinary titles, very long ones, and two that are written from right to left. */
export const STREAMS: readonly Stream[] = [
  {
    lead: 'lead-export',
    group: 'Exports people can open',
    pieces: [
      piece(
        'BS-1',
        'Export invoices as CSV',
        ['src/export/csv.ts', 'test/csv.test.ts'],
        'Rows end with CRLF, quotes are doubled, and a cell that begins with = can no longer be a formula.',
      ),
      piece(
        'BS-2',
        'Export invoices as HTML',
        ['src/export/html.ts'],
        'Every text is escaped; the table has a caption and column headings that a screen reader announces.',
      ),
      piece(
        'BS-3',
        'Export a statement of account as PDF, one page a quarter, with the fonts of the letterhead',
        ['src/export/pdf.ts', 'src/export/fonts.ts'],
        'Pages break between customers, never inside one. The fonts are embedded, so the file is 212 kB.',
      ),
      piece(
        'BS-4',
        'Stream exports larger than memory',
        ['src/export/stream.ts'],
        'A million rows take 41 MB of memory instead of 1.9 GB.',
      ),
      piece(
        'BS-5',
        'Name downloads after customer and quarter',
        ['src/export/fileName.ts'],
        'Slashes and control characters in customer names become hyphens.',
      ),
      piece(
        'BS-6',
        'استيراد الفواتير من ملفات CSV',
        ['src/import/arabic.ts'],
        'Digits of both kinds are read; the direction marks some spreadsheets add are dropped.',
      ),
      piece(
        'BS-7',
        'Remember the last export of each person',
        ['src/export/memory.ts'],
        'Kept for thirty days, one row a person.',
      ),
    ],
  },
  {
    lead: 'lead-import-of-quarterly-statements-with-attachments',
    group: 'Quarterly statements: import with attachments, corrections and the archive of earlier years',
    pieces: [
      piece(
        'BS-11',
        'Read statements from mail attachments',
        [`${QUARTERLY}/readAttachmentsOfQuarterlyStatements.ts`],
        'PDF, CSV and the two XML dialects of the banks are told apart by content, not by name.',
      ),
      piece(
        'BS-12',
        'Accept invoices whose supplier sends amounts with a comma, a point, both or neither, and say which line was meant',
        [`${QUARTERLY}/amountsWithCommaOrPoint.ts`, 'src/money.ts'],
        'Where both readings are possible the line is kept aside and shown to a person.',
      ),
      piece(
        'BS-13',
        'Match payments to invoices',
        ['src/import/match.ts', 'src/money.ts'],
        'Exact sums first, then the reference, then the customer; never by amount alone.',
      ),
      piece(
        'BS-14',
        'Undo an import as a whole',
        ['src/import/undo.ts'],
        'One transaction, and the file stays in the archive with who undid it.',
      ),
      piece(
        'BS-15',
        'Skip duplicates across files',
        ['src/import/duplicates.ts'],
        'Two equal lines in one file are two payments; the same line in two files is one.',
      ),
      piece(
        'BS-16',
        'Import the archive of 2019 to 2024 without sending a single reminder',
        ['src/import/archive.ts', 'src/reminders/hold.ts'],
        '61,204 statements in, none of them reminded; the eleven that failed are listed.',
      ),
      piece('BS-17', 'Show progress of long imports', ['src/import/progress.ts'], 'One line a second at most.'),
      piece(
        'BS-18',
        'Corrections replace what they correct',
        ['src/import/corrections.ts'],
        'A correction of a correction works, a circle of them is refused with both numbers.',
      ),
    ],
  },
  {
    lead: 'lead-tax',
    group: 'Tax',
    pieces: [
      piece(
        'BS-21',
        'Round tax on single lines',
        ['src/tax/rounding.ts', 'src/money.ts'],
        'Half even on lines, half up on totals; 11,000 old invoices come out the same to the cent.',
      ),
      piece(
        'BS-22',
        'Rates by date of supply',
        ['src/tax/rates.ts'],
        'The rate follows the day of supply, not the day of the invoice.',
      ),
      piece(
        'BS-23',
        'Reverse charge inside the union',
        ['src/tax/reverseCharge.ts'],
        'Needs both numbers checked; without an answer from the register the invoice waits.',
      ),
      piece(
        'BS-24',
        'Exempt customers',
        ['src/tax/exempt.ts', 'src/tax/rates.ts'],
        'A certificate with an end date; two weeks before that somebody is told.',
      ),
      piece('BS-25', 'Tax report a month', ['src/tax/report.ts'], 'Same figures as the ledger, checked on every run.'),
      piece(
        'BS-26',
        'Check VAT numbers',
        ['src/tax/vatNumber.ts'],
        'Check digits of 27 countries, with the formats of their own documents as tests.',
      ),
      piece(
        'BS-27',
        'Explain a rounded cent on the invoice itself',
        ['src/tax/explain.ts'],
        'One sentence under the total, only where a cent was rounded.',
      ),
    ],
  },
  {
    lead: 'lead-ledger',
    group: 'Ledger',
    pieces: [
      piece(
        'BS-31',
        'Close a month',
        ['src/ledger/close.ts'],
        'A closed month takes no entry; reopening asks for a reason and keeps it.',
      ),
      piece(
        'BS-32',
        'Entries in foreign currency',
        ['src/ledger/currency.ts', 'src/money.ts'],
        'Both amounts and the rate are kept; nothing is ever converted twice.',
      ),
      piece(
        'BS-33',
        'Reconcile with the bank',
        ['src/ledger/reconcile.ts'],
        'Differences below one cent are shown too: they were the bug.',
      ),
      piece(
        'BS-34',
        'Balance at any day',
        ['src/ledger/balance.ts'],
        'Any day in 3 ms from monthly sums, checked against the slow way in a test.',
      ),
      piece(
        'BS-35',
        'Audit trail that cannot be rewritten',
        ['src/ledger/trail.ts'],
        'Each entry carries the hash of the one before.',
      ),
      piece(
        'BS-36',
        'Split one payment over several invoices',
        ['src/ledger/split.ts'],
        'The rest goes to the oldest open invoice and can be moved.',
      ),
      piece(
        'BS-37',
        'Bookings of a year on one page',
        ['src/ledger/year.ts'],
        'Twelve columns, thousands apart, negative amounts with a sign and not only in red.',
      ),
    ],
  },
  {
    lead: 'lead-localisation',
    group: 'Languages',
    pieces: [
      piece(
        'BS-41',
        'הצגת חשבוניות מימין לשמאל',
        ['src/text/direction.ts'],
        'Amounts and numbers keep their own direction inside a Hebrew sentence.',
      ),
      piece(
        'BS-42',
        'Dates as people write them',
        ['src/text/dates.ts'],
        'Day, month and year in the order of the reader.',
      ),
      piece('BS-43', 'Plural forms', ['src/text/plurals.ts'], 'Arabic has six; all of them are tested.'),
      piece(
        'BS-44',
        'Thousands and decimals',
        ['src/text/numbers.ts', 'src/money.ts'],
        'Thin spaces where they are usual.',
      ),
      piece(
        'BS-45',
        'Translate reminders',
        ['src/text/reminders.ts'],
        'Nine languages; where one is missing the customer gets English and we get a note.',
      ),
      piece(
        'BS-46',
        'Sort names by the rules of their language',
        ['src/text/sort.ts'],
        'Ö after Z in Swedish, with O in German.',
      ),
      piece('BS-47', 'Addresses', ['src/text/address.ts'], 'Lines in the order of the country, never more than six.'),
    ],
  },
  {
    lead: 'lead-platform',
    group: 'Platform',
    pieces: [
      piece(
        'BS-51',
        'Retry the bank',
        ['src/bank/retry.ts'],
        'Three tries with growing waits, and never a payment sent twice.',
      ),
      piece(
        'BS-52',
        'Log without names of customers',
        ['src/log/redact.ts'],
        'Names, addresses and account numbers are replaced before a line is written.',
      ),
      piece(
        'BS-53',
        'Start in under a second',
        ['src/start.ts'],
        'From 2.4 s to 0.7 s: the fonts are read when they are needed.',
      ),
      piece(
        'BS-54',
        'Keep secrets out of the configuration',
        ['src/config/secrets.ts'],
        'Read from the environment once, never shown.',
      ),
      piece('BS-55', 'Health page', ['src/health.ts'], 'Answers while the database does not.'),
      piece('BS-56', 'Metrics', ['src/metrics.ts'], 'Counters only; nobody is measured.'),
      piece(
        'BS-57',
        'Limit requests of one key',
        ['src/limits.ts'],
        'A hundred a minute, then 429 with the second it goes on.',
      ),
    ],
  },
];

function piece(id: string, title: string, files: readonly string[], did: string): Piece {
  return { id, title, files, did };
}

/** One of the fifty. */
export interface Member {
  readonly name: string;
  readonly capability: Capability;
  readonly parent: string | null;
  readonly task: Piece | null;
  readonly state: AgentState;
  readonly runtime: string;
  readonly model: string;
  /** Has a worktree with work in it. */
  readonly worktree: boolean;
}

export const COORDINATOR = 'coordinator';
/** Above its cap, with mail waiting. */
export const SPENDER = 'payments-in-foreign-currency';
/** Dead, with a mail that never reached it. */
export const GONE = 'metrics';
/** Works while the pictures are taken; its name fits nowhere. */
export const LONG_NAME = 'statements-from-mail-attachments-of-earlier-years';

/** Names of builders by piece. */
const NAMES: Readonly<Record<string, string>> = {
  'BS-1': 'csv-writer',
  'BS-2': 'html-writer',
  'BS-3': 'pdf-writer',
  'BS-4': 'streamer',
  'BS-5': 'file-names',
  'BS-6': 'csv-reader-arabic',
  'BS-7': 'export-memory',
  'BS-11': LONG_NAME,
  'BS-12': 'amounts-with-comma-or-point-and-what-was-meant',
  'BS-13': 'payment-matcher',
  'BS-14': 'import-undo',
  'BS-15': 'duplicates',
  'BS-16': 'archive-import-2019-to-2024-without-reminders',
  'BS-17': 'import-progress',
  'BS-18': 'corrections',
  'BS-21': 'line-rounding',
  'BS-22': 'rates',
  'BS-23': 'reverse-charge',
  'BS-24': 'exempt-customers',
  'BS-25': 'tax-report',
  'BS-26': 'vat-check',
  'BS-27': 'cent-explainer',
  'BS-31': 'month-close',
  'BS-32': SPENDER,
  'BS-33': 'bank-reconciler',
  'BS-34': 'balances',
  'BS-35': 'audit-trail',
  'BS-36': 'payment-split',
  'BS-37': 'year-page',
  'BS-41': 'rtl-layout',
  'BS-42': 'dates',
  'BS-43': 'plurals',
  'BS-44': 'number-formats',
  'BS-45': 'reminder-translations-into-nine-languages',
  'BS-46': 'name-sorting',
  'BS-47': 'addresses',
  'BS-51': 'bank-retry',
  'BS-52': 'log-redaction',
  'BS-53': 'fast-start',
  'BS-54': 'secrets',
  'BS-55': 'health-page',
  'BS-56': GONE,
  'BS-57': 'rate-limits',
};

const DONE = new Set([
  'BS-1',
  'BS-2',
  'BS-5',
  'BS-7',
  'BS-14',
  'BS-15',
  'BS-17',
  'BS-22',
  'BS-25',
  'BS-26',
  'BS-31',
  'BS-34',
  'BS-36',
  'BS-42',
  'BS-43',
  'BS-46',
  'BS-51',
  'BS-53',
  'BS-55',
  'BS-57',
  'BS-33',
  'BS-35',
  'BS-37',
  'BS-45',
  'BS-54',
  'BS-18',
  'BS-27',
]);
const DEAD = new Set(['BS-56', 'BS-47']);
/** Whose worktree is there, with work that is not merged. */
const WORKTREES = new Set([
  'BS-3',
  'BS-4',
  'BS-6',
  'BS-11',
  'BS-12',
  'BS-13',
  'BS-16',
  'BS-21',
  'BS-23',
  'BS-24',
  'BS-27',
  'BS-32',
  'BS-41',
  'BS-44',
  'BS-52',
]);
/** In a turn while the pictures are taken. */
export const AT_WORK: ReadonlySet<string> = new Set([
  'BS-11',
  'BS-12',
  'BS-13',
  'BS-16',
  'BS-21',
  'BS-41',
  'BS-44',
  'BS-52',
]);
/** Pieces of later: cards without an agent. */
export const WAITING: readonly Piece[] = [
  piece('BS-61', 'Send invoices by post where a customer has no address for mail', ['src/send/post.ts'], ''),
  piece(
    'BS-62',
    'Reminders in three steps, with fees only where the law of the customer’s country allows them',
    ['src/reminders/steps.ts'],
    '',
  ),
  piece('BS-63', 'Dark letterhead', ['src/export/letterhead.ts'], ''),
  piece('BS-64', 'Pay by QR code', ['src/pay/qr.ts'], ''),
  piece('BS-65', 'تصدير كشف الحساب بالعربية مع الأرقام الهندية', ['src/export/arabic.ts'], ''),
  piece('BS-66', 'Delete what the law says must be deleted, and nothing else', ['src/privacy/delete.ts'], ''),
  piece('BS-67', 'Search in attachments', ['src/search.ts'], ''),
];

/** The fifty: a coordinator, six leads, and who works for them. */
export function cast(): readonly Member[] {
  const opus = { runtime: 'claude', model: 'claude-opus-4-5' } as const;
  const members: Member[] = [
    {
      name: COORDINATOR,
      capability: 'coordinator',
      parent: null,
      task: null,
      state: 'between_turns',
      worktree: false,
      ...opus,
    },
  ];
  for (const stream of STREAMS) {
    members.push({
      name: stream.lead,
      capability: 'lead',
      parent: COORDINATOR,
      task: null,
      state: 'between_turns',
      worktree: false,
      ...opus,
    });
    for (const task of stream.pieces) {
      members.push({
        name: NAMES[task.id] ?? task.id,
        capability: 'builder',
        parent: stream.lead,
        task,
        state: DONE.has(task.id) ? 'completed' : DEAD.has(task.id) ? 'zombie' : 'between_turns',
        worktree: WORKTREES.has(task.id),
        ...maker(task.id),
      });
    }
  }
  return members;
}

/** Runtime and model of a builder. Whoever works while the pictures are taken is a rehearsal. */
function maker(id: string): { readonly runtime: string; readonly model: string } {
  if (AT_WORK.has(id)) return { runtime: 'rehearsal', model: 'claude-sonnet-4-5' };
  const number = Number(id.slice(3));
  if (number % 5 === 1) return { runtime: 'codex', model: 'gpt-5-codex' };
  if (number % 7 === 3) return { runtime: 'claude', model: 'claude-haiku-4-5' };
  return { runtime: 'claude', model: 'claude-sonnet-4-5' };
}
