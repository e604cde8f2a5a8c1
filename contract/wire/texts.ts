/** Parses JSON text, or gives undefined: no JSON text means undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller reports it as a bad frame; the parser's own words would quote the peer's bytes.
    return undefined;
  }
}

/** The last words of either side. Cut to a readable length, since a reason may quote what the peer sent. */
export function byeText(reason: string): string {
  return JSON.stringify({ t: 'bye', reason: reason.slice(0, 500) });
}
