import { MailType } from '../../contract/mail.ts';

/** A mail as it was delivered inside a user turn. */
export interface DeliveredMail {
  /** Null in the reference's own format, which does not carry it. */
  readonly id: string | null;
  readonly from: string;
  readonly subject: string;
  readonly body: string;
  readonly type: MailType;
  readonly priority: string;
  readonly threadId: string | null;
  /** Empty when there was none or it was no JSON object. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What the text of a user turn holds. */
export interface TurnInput {
  readonly mails: readonly DeliveredMail[];
  /** Facts of the beacon; null when the turn has none. */
  readonly beacon: { readonly parent: string | null; readonly depth: number } | null;
  /** Everything that is neither mail nor the engine's own note: a nudge. */
  readonly text: string;
}

const DIVIDER = '\n\n---\n\n';
const MAIL = '[MAIL] From: ';
const META = '[META] ';
const PAYLOAD = '[PAYLOAD] ';
/** Beacon and notes of the engine (spec 01 §2.8). */
const ENGINE = '[OVERSTORY] ';

/**
 * Takes a user turn apart (spec 01 §2.8 "Message framing", with our own META and PAYLOAD lines). A divider inside a mail's
 * body is told from one between mails by what follows it.
 */
export function parseTurnInput(text: string): TurnInput {
  const mails: DeliveredMail[] = [];
  const nudges: string[] = [];
  let beacon: TurnInput['beacon'] = null;
  let open: string[] | null = null;
  const close = () => {
    if (open !== null) mails.push(parseMail(open.join(DIVIDER)));
    open = null;
  };
  for (const part of text.replaceAll('\r\n', '\n').split(DIVIDER)) {
    if (part.startsWith(MAIL)) {
      close();
      open = [part];
    } else if (part.startsWith(ENGINE)) {
      close();
      beacon = parseBeacon(part) ?? beacon;
    } else if (open !== null) {
      open.push(part);
    } else if (part.trim() !== '') {
      nudges.push(part);
    }
  }
  close();
  return { mails, beacon, text: nudges.join(DIVIDER) };
}

function parseBeacon(part: string): TurnInput['beacon'] {
  const found = /Depth: (\d+) \| Parent: (\S+)/.exec(part);
  if (found === null) return null;
  const parent = found[2] === undefined || found[2] === 'none' ? null : found[2];
  return { parent, depth: Number(found[1]) };
}

function parseMail(text: string): DeliveredMail {
  const lines = text.split('\n');
  const head = fields(lines.shift() ?? '', '[MAIL] ');
  const meta = lines[0]?.startsWith(META) === true ? fields(lines.shift() ?? '', META) : new Map<string, string>();
  const payload = lines[0]?.startsWith(PAYLOAD) === true ? (lines.shift() ?? '').slice(PAYLOAD.length) : '';
  if (lines[0] === '') lines.shift();
  return {
    id: absent(meta.get('Id')),
    from: head.get('From') ?? '',
    subject: head.get('Subject') ?? '',
    priority: head.get('Priority') ?? 'normal',
    type: MailType.catch('status').parse(meta.get('Type')),
    threadId: absent(meta.get('Thread')),
    payload: parsePayload(payload),
    body: lines.join('\n'),
  };
}

function absent(value: string | undefined): string | null {
  return value === undefined || value === '' || value === 'none' ? null : value;
}

function parsePayload(text: string): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    // Payloads are never validated on their way (spec 02 §1.2); a script that needs a field of it says so itself.
    return {};
  }
}

/** `Key: value` pairs of a metadata line, split at unescaped bars and unescaped (spec 01 §2.8: `\\`, `\|`, `\r`, `\n`). */
function fields(line: string, prefix: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of splitAtBars(line.slice(prefix.length))) {
    const colon = part.indexOf(':');
    if (colon > 0) found.set(part.slice(0, colon).trim(), part.slice(colon + 1).trim());
  }
  return found;
}

function splitAtBars(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '|') {
      parts.push(part);
      part = '';
    } else if (character === '\\') {
      at++;
      const escaped = text[at] ?? '\\';
      part += escaped === 'n' ? '\n' : escaped === 'r' ? '\r' : escaped;
    } else {
      part += character;
    }
  }
  parts.push(part);
  return parts;
}
