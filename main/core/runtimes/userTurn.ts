/** One user turn as the agent CLIs read it from standard input: a JSON line with its line feed (spec 01 §2.8 "Encoding"). */
export function encodeUserTurn(text: string): string {
  return `${JSON.stringify({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] } })}\n`;
}
