/** A line for a person when a WebSocket closed without a reason (codes of RFC 6455 §7.4.1). */
export function closeReason(code: number, reason: string): string {
  if (reason !== '') return reason;
  switch (code) {
    case 1000:
    case 1005:
      return 'the other side closed the connection';
    case 1001:
      return 'the other side went away';
    case 1006:
      return 'the connection was lost';
    case 1009:
      return 'a frame was too large for the other side';
    default:
      return `the connection closed (code ${code})`;
  }
}
