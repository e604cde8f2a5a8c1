/** A JSON object whose fields nobody has checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The object in one line of output; null for blank, unparseable and non-object lines such as a bare `null` (spec 01 §3.3 "Lines"). */
export function parseObjectLine(line: string): JsonObject | null {
  const trimmed = line.trim();
  if (trimmed === '') return null;
  try {
    return asObject(JSON.parse(trimmed));
  } catch {
    // A torn or foreign line is expected in an agent's output and carries no event; the log file keeps it.
    return null;
  }
}

/** The value as an object; null for anything else, arrays included. */
export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The value as a list; empty for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as text; null for anything else and for the empty string. */
export function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The value as a finite number; null for anything else. */
export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
