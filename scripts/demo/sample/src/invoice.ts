import type { Cents } from './money.ts';

export interface InvoiceLine {
  readonly text: string;
  readonly quantity: number;
  readonly unitPrice: Cents;
}

export interface Invoice {
  readonly id: string;
  readonly customer: string;
  readonly lines: readonly InvoiceLine[];
}

/** Sum of all lines, before tax. */
export function netTotal(invoice: Invoice): Cents {
  return invoice.lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
}
