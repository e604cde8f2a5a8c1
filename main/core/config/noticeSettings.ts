import {
  ALL_NOTICES,
  minuteOfDay,
  NOTICE_KINDS,
  type NoticeKind,
  type NoticeSettings,
} from '../../../contract/notices.ts';
import type { SettingsReader } from './settingsReader.ts';

const KEY = 'controlRoom.notifications';

/** Reads `controlRoom.notifications`: kinds that never ring, and hours without a ring. */
export function readNoticeSettings(reader: SettingsReader): NoticeSettings {
  const off = reader.texts(`${KEY}.off`, ALL_NOTICES.off);
  const known: readonly string[] = NOTICE_KINDS;
  const unknown = off.find((kind) => !known.includes(kind));
  if (unknown !== undefined) reader.reject(`${KEY}.off`, unknown, `it must be one of ${NOTICE_KINDS.join(', ')}`);
  const from = timeOfDay(reader, `${KEY}.quietFrom`);
  const to = timeOfDay(reader, `${KEY}.quietTo`);
  if ((from === null) !== (to === null)) {
    const [missing, given] = from === null ? ['quietFrom', 'quietTo'] : ['quietTo', 'quietFrom'];
    reader.reject(`${KEY}.${missing}`, '', `${given} is set: give both, such as "22:00" and "07:00", or none`);
  }
  return {
    off: off.filter((kind): kind is NoticeKind => known.includes(kind)),
    quiet: from === null || to === null ? null : { from, to },
  };
}

function timeOfDay(reader: SettingsReader, key: string): string | null {
  const text = reader.optionalText(key);
  if (text === undefined) return null;
  if (minuteOfDay(text) !== null) return text;
  reader.reject(key, text, 'it must be a time of day in quotes, such as "22:00"');
  return null;
}
