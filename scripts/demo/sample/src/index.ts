export { type Invoice, type InvoiceLine, netTotal } from './invoice.ts';
export { type Cents, formatAmount, parseAmount } from './money.ts';

// Exporters: none yet.

// Importers: none yet.
