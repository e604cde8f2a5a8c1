import type { MailPriority, MailType } from '../../../contract/mail.ts';

/** What leads write when they give a task away. */
export const FORWARDS = [
  'Small and separate. Tell me when the tests are in.',
  'Please read the module first; most of it is there.',
  'Careful with old data: nothing that was sent to a customer may change.',
  'Somebody else works next door. Stay within your files.',
  'This one is for the people at the counter, so keep the words short.',
] as const;

/** Questions among agents: subject and text. */
export const QUESTIONS: readonly (readonly [string, string])[] = [
  [
    'May I change src/money.ts?',
    'The rounding belongs there and not into three modules. Two others have the file open, I have asked both.',
  ],
  [
    'Which encoding do the old files have?',
    'Most are UTF-8, eleven are not, and nobody wrote down what they are. Windows-1252 would fit.',
  ],
  ['ما هو ترتيب الأعمدة؟', 'في الملف draft.csv يأتي التاريخ قبل المبلغ، وفي المواصفات بالعكس.'],
  [
    'Does a test with a real clock count?',
    'It passes here, but it waits for two seconds, and the specification says nothing.',
  ],
  [
    'How long may one page be?',
    'Forty lines fit; a customer with two hundred gets five pages, or one file a month. Both are easy.',
  ],
  ['Who owns the fixtures?', 'I need three more payments and would rather not change what others compare with.'],
];

/** What leads answer and say. */
export const ANSWERS = [
  'Yes, and say so in the commit.',
  'The second way. It is slower and nobody will ever have to think about it.',
  'Leave it as it is; I have written it down for later.',
  'Ask the person, this is theirs to decide.',
  'Use what the export has already. If it does not fit, tell me what is missing.',
  'No. Old invoices have to come out the same.',
] as const;

/** Subjects of mail that only keeps things going. */
export const NUDGES = [
  'Rebase when you are between two steps',
  'The fixtures have moved',
  'Good. One more case',
  'נסה שוב עם הקובץ src/invoice.ts',
  'The names in the log were wrong',
  'Two lines in the review are yours',
] as const;

/** How reports end. */
export const REPORTS = [
  'All tests pass; one new one fails without the change.',
  'I left the old function in place, with one caller.',
  'Nothing else was touched.',
  'The fixtures are the ones from the specification, letter by letter.',
] as const;

interface Asked {
  readonly from: string;
  readonly type: MailType;
  readonly subject: string;
  readonly body: string;
  readonly priority?: MailPriority;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly key?: string;
  readonly answers?: string;
}

/** Mail to the person at the room, oldest first. */
export const ASKED_OF_A_PERSON: readonly Asked[] = [
  {
    from: 'coordinator',
    type: 'status',
    subject: 'Forty-three tasks are on their way',
    body: 'Six leads, at most eight builders each. The quarterly import is the long one; everything else should be in within the hour.',
  },
  {
    from: 'line-rounding',
    type: 'decision_gate',
    subject: 'Half even or half up on single lines?',
    body: 'Half up adds 14 cents over a year of one large customer. Half even is what the ledger does.\n\nTotals stay as they are either way.',
    payload: { options: ['half even', 'half up', 'as before'], context: 'src/tax/rounding.ts' },
  },
  {
    from: 'archive-import-2019-to-2024-without-reminders',
    type: 'decision_gate',
    subject:
      'The exporter of quarterly statements for customers with more than one billing address does not round as the specification says it should, in one case of eleven thousand',
    body: 'The statement of the third quarter of 2021 is one cent off. It was sent like that.\n\nI can keep the cent, correct it with a line of its own, or leave the statement out.',
    payload: {
      options: [
        'keep the cent',
        'add a correcting line with today’s date and a sentence that explains it',
        'leave it out',
      ],
    },
  },
  {
    from: 'csv-reader-arabic',
    type: 'decision_gate',
    subject: 'التقرير الفصلي جاهز للمراجعة: القسم 4 (draft.csv) يحتاج إلى قرار',
    body: 'في القسم 4 يظهر المبلغ 1,250.00 مرتين، مرة في السطر 17 ومرة في السطر 203.\n\nهل نحذف السطر الثاني أم نحتفظ بالسطرين؟ الملف: draft.csv',
    payload: { options: ['حذف السطر الثاني', 'الاحتفاظ بالسطرين', 'اسأل العميل'] },
    key: 'draft',
  },
  {
    from: 'lead-tax',
    type: 'escalation',
    priority: 'urgent',
    subject: 'The register of VAT numbers answers nothing since 14:05',
    body: 'Reverse charge cannot be decided without it. reverse-charge waits, exempt-customers goes on.',
    payload: {
      severity: 'error',
      taskId: 'BS-23',
      context: 'HTTP 503 for 31 requests in a row; their status page says nothing.',
    },
  },
  {
    from: 'rtl-layout',
    type: 'question',
    subject: 'הבדיקות עברו, אבל הקובץ src/invoice.ts עדיין ארוך מדי',
    body: 'הקובץ מכיל 640 שורות. אפשר לפצל אותו לשלושה קבצים, אבל שני סוכנים אחרים עובדים עליו עכשיו.\n\nלפצל עכשיו או אחרי המיזוג?',
  },
  {
    from: 'coordinator',
    type: 'result',
    subject: 'Sixteen branches are merged',
    body: 'Eleven without a conflict, two by taking one side, two with the help of a model. Three wait for you in Merge.',
  },
  {
    from: 'secrets',
    type: 'error',
    priority: 'high',
    subject: 'config/production.yaml has a password in it',
    body: 'Since 2023, in 41 commits. I have taken it out of the file; it has to be changed at the bank as well, which I cannot do.',
  },
  {
    from: 'statements-from-mail-attachments-of-earlier-years',
    type: 'decision_gate',
    subject: 'Attachments above 20 MB?',
    body: 'There are nine, all scans. Reading them takes four minutes each.',
    payload: { options: ['read them at night', 'skip them', 'read them now'] },
  },
  {
    from: 'lead-ledger',
    type: 'escalation',
    subject: 'Three of us need src/money.ts at the same time',
    body: 'Merge payment-matcher first, then line-rounding; number-formats can be done again in ten minutes.',
    payload: { severity: 'warning', taskId: 'BS-32', context: 'Radar: 10 pairs' },
  },
];
