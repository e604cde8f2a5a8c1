import { MAIL_TYPES, type MailType, parseWakePolicy, type WakePolicy } from '../../../contract/mail.ts';
import type { WakeSettings, WakeTable } from '../mail/wakeRules.ts';
import type { SettingsReader } from './settingsReader.ts';
import { isMapping } from './yamlText.ts';

/** `controlRoom.mail`. */
export interface MailSettings {
  /** When mail gives its reader a turn. */
  readonly wake: WakeSettings;
}

const REMEDY = 'it must be now, batch, never, or "digest" and its minutes from 1 to 1440, such as "digest 10"';

/** Reads `controlRoom.mail.wake`: a policy as `default`, by `types`, and by `roles` and `agents`, each of them one policy or one a type. */
export function readMailSettings(reader: SettingsReader, defaults: MailSettings): MailSettings {
  const key = 'controlRoom.mail.wake';

  function policy(name: string, value: unknown): WakePolicy | null {
    const read = typeof value === 'string' ? parseWakePolicy(value) : null;
    if (read === null) reader.reject(name, value, REMEDY);
    return read;
  }

  function types(name: string, entries: Iterable<readonly [string, unknown]>): Partial<Record<MailType, WakePolicy>> {
    const found: Partial<Record<MailType, WakePolicy>> = {};
    for (const [type, value] of entries) {
      const known = MAIL_TYPES.find((one) => one === type);
      if (known === undefined) {
        reader.reject(`${name}.${type}`, value, `it is no type of mail: use one of ${MAIL_TYPES.join(', ')}`);
        continue;
      }
      const read = policy(`${name}.${type}`, value);
      if (read !== null) found[known] = read;
    }
    return found;
  }

  function tables(name: string): Record<string, WakeTable> {
    const found: Record<string, WakeTable> = {};
    for (const [who, value] of reader.entries(name) ?? []) {
      if (!isMapping(value)) {
        const any = policy(`${name}.${who}`, value);
        if (any !== null) found[who] = { any, byType: {} };
        continue;
      }
      const { default: fallback, ...rest } = value;
      const any = fallback === undefined ? null : policy(`${name}.${who}.default`, fallback);
      found[who] = { any, byType: types(`${name}.${who}`, Object.entries(rest)) };
    }
    return found;
  }

  const fallback = reader.raw(`${key}.default`);
  return {
    wake: {
      default: (fallback === undefined ? null : policy(`${key}.default`, fallback)) ?? defaults.wake.default,
      types: types(`${key}.types`, reader.entries(`${key}.types`) ?? []),
      roles: tables(`${key}.roles`),
      agents: tables(`${key}.agents`),
    },
  };
}
