/** The six tasks whose branches must be on main at the end, in the order of the summary. */
export const TASKS = [
  { id: 'BS-1', title: 'Export invoices as CSV', files: ['src/export/csv.ts', 'src/index.ts'], priority: 1 },
  { id: 'BS-2', title: 'Export invoices as HTML', files: ['src/export/html.ts', 'src/index.ts'], priority: 2 },
  { id: 'BS-3', title: 'Round tax on single lines', files: ['src/tax.ts'], priority: 1 },
  { id: 'BS-4', title: 'Import invoices from CSV', files: ['src/import/parse.ts', 'src/index.ts'], priority: 1 },
  { id: 'BS-5', title: 'Drop duplicate invoices', files: ['src/import/dedupe.ts'], priority: 2 },
  { id: 'BS-6', title: 'Check the form of VAT numbers', files: ['src/import/vat.ts'], priority: 3 },
] as const;

/** Cards nobody works on, so that the board has something to sling by hand. */
export const BACKLOG = [
  { id: 'BS-7', title: 'Archive exports after 90 days', files: ['src/export/archive.ts'], priority: 3 },
  { id: 'BS-8', title: 'Index invoices by due date', files: ['src/dueDates.ts'], priority: 2 },
  { id: 'BS-9', title: 'Retry failed webhooks with jitter', files: ['src/webhooks.ts'], priority: 1 },
] as const;

/** Specs that are not tasks of the six: streams, review, landing. */
export const OTHER_SPECS = ['STREAM-EXPORT', 'STREAM-IMPORT', 'REVIEW-BS-4', 'MERGE-IMPORT'] as const;

/** The coordinator's own spec, and the objective it is told. */
export const COORDINATOR_SPEC = 'coordinator';
export const OBJECTIVE = 'Exports and imports of invoices: six tasks in two streams.';
