import { memo, useMemo, useState } from 'react';
import type { ConfigView } from '../../../contract/config.ts';
import {
  isQuiet,
  NOTICE_KINDS,
  type NoticeKind,
  type NoticeSettings,
  type PastNotice,
} from '../../../contract/notices.ts';
import { inspectAgent } from '../../actions/navigation.ts';
import { Button } from '../../components/Button.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Glyph } from '../../components/Glyph.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Section } from '../../components/Section.tsx';
import { Switch } from '../../components/Switch.tsx';
import { Line } from '../../components/Text.tsx';
import { clockTime, counted } from '../../stores/format.ts';
import { useClock, useRoom, useStatus } from '../../stores/hooks.ts';
import { useAnswer } from '../../stores/useAnswer.ts';
import styles from './Settings.module.css';
import { KeptText, Origin, textOf } from './SettingsParts.tsx';
import { findSetting } from './settingsRules.ts';
import type { ConfigAccess } from './useConfig.ts';

const OFF = 'controlRoom.notifications.off';
const FROM = 'controlRoom.notifications.quietFrom';
const TO = 'controlRoom.notifications.quietTo';

const KIND_WORDS: Readonly<Record<NoticeKind, readonly [label: string, hint: string]>> = {
  gate: ['Decision gates and caps', 'An agent, or a cap that is reached, needs your decision.'],
  question: ['Questions', 'An agent asked, by mail or in prose.'],
  dead: ['Dead agents', 'An agent died and does not come back by itself.'],
  conflict: ['Merge conflicts', 'A merge needs a person.'],
  looping: ['Loops', 'An agent repeats itself without getting on.'],
  login: ['Logins', 'A runtime wants you to log in.'],
  run: ['Finished runs', 'A run is completed or has failed.'],
};
const SILENT_WORDS = { off: 'switched off', quiet: 'quiet hours' } as const;

const NoticeRow = memo(function NoticeRow({ notice, time }: { readonly notice: PastNotice; readonly time: string }) {
  const room = useRoom();
  const { agent } = notice;
  return (
    <li className={styles.notice} data-silent={notice.silent ?? undefined}>
      <time className={styles.faint} dateTime={notice.at}>
        {time}
      </time>
      <Glyph shape={notice.silent === null ? 'bell' : 'none'} />
      <span className={styles.noticeWords}>
        <Line text={notice.title} title />
        <Line text={notice.body} className={styles.faint} title />
      </span>
      {notice.silent === null ? null : <span className={styles.faint}>{SILENT_WORDS[notice.silent]}</span>}
      {agent === null ? null : (
        <Button small tone="quiet" onClick={() => inspectAgent(room, agent)}>
          <Line text={agent} />
        </Button>
      )}
    </li>
  );
});

/** Why a notice of the past stays silent by these settings; null: it rings. The rules are the desktop's own. */
function silentBy(settings: NoticeSettings, notice: PastNotice): PastNotice['silent'] {
  if (settings.off.includes(notice.kind)) return 'off';
  return isQuiet(settings, Date.parse(notice.at)) ? 'quiet' : null;
}

/** What would have rung in the last day, by the very rules of the desktop and the settings above. */
function LastDay({ settings }: { readonly settings: NoticeSettings }) {
  const runId = useStatus((status) => status.runId);
  const answer = useAnswer('notices.past', { hours: 24 }, runId);
  const now = useClock((time) => Math.floor(time / 60_000) * 60_000);
  const past = answer.value?.notices ?? null;
  const notices = useMemo(
    () => past?.map((notice) => ({ ...notice, silent: silentBy(settings, notice) })) ?? null,
    [past, settings],
  );
  const rang = notices?.filter((notice) => notice.silent === null).length ?? 0;
  return (
    <Section
      title="The last 24 hours"
      text="What would have rung, had nobody looked at the room: played through the rules the desktop rings by, with the settings above."
      {...(notices === null
        ? {}
        : { count: `${counted(rang, 'ring')}${rang === notices.length ? '' : `, ${notices.length - rang} silent`}` })}
      actions={
        <Button small disabled={answer.busy} onClick={answer.reload}>
          Look again
        </Button>
      }
    >
      {notices !== null && answer.error !== null ? (
        <p role="alert" className={styles.error}>
          {answer.error.message}
        </p>
      ) : null}
      {notices === null ? (
        answer.error === null ? (
          <Loading label="Loading notifications" rows={3} />
        ) : (
          <ErrorState title="The last day cannot be read" message={answer.error.message} onRetry={answer.reload} />
        )
      ) : notices.length === 0 ? (
        <p className={styles.faint}>Nothing would have rung.</p>
      ) : (
        <ol className={styles.notices} aria-label="Notifications of the last 24 hours">
          {notices.map((notice) => (
            <NoticeRow
              key={`${notice.at} ${notice.kind} ${notice.title}`}
              notice={notice}
              time={clockTime(notice.at, now)}
            />
          ))}
        </ol>
      )}
    </Section>
  );
}

/** Which things ring on the desktop, and when none does. */
export function Notifications({ view, config }: { readonly view: ConfigView; readonly config: ConfigAccess }) {
  const [error, setError] = useState<string | null>(null);
  const setting = findSetting(view, OFF);
  const off: readonly unknown[] = Array.isArray(setting?.value) ? setting.value : [];
  const from = textOf(findSetting(view, FROM)?.value);
  const to = textOf(findSetting(view, TO)?.value);
  const settings = useMemo((): NoticeSettings => {
    const listed = findSetting(view, OFF)?.value;
    return {
      off: Array.isArray(listed) ? NOTICE_KINDS.filter((kind) => listed.includes(kind)) : [],
      quiet: from === '' || to === '' ? null : { from, to },
    };
  }, [view, from, to]);
  const write = async (changes: Parameters<typeof config.write>[0]) => {
    const refused = await config.write(changes);
    setError(refused?.message ?? null);
  };
  const ring = (kind: NoticeKind, on: boolean) => {
    const next = NOTICE_KINDS.filter((one) => (one === kind ? !on : off.includes(one)));
    return write([next.length === 0 ? { key: OFF } : { key: OFF, value: next }]);
  };
  const quiet = (nextFrom: string, nextTo: string) =>
    write(
      nextFrom === '' && nextTo === ''
        ? [{ key: FROM }, { key: TO }]
        : [
            { key: FROM, value: nextFrom },
            { key: TO, value: nextTo },
          ],
    );
  return (
    <>
      <Section
        title="Notifications"
        text="The desktop app rings while nobody looks at the room; the attention queue shows everything in any case."
        actions={<Origin setting={setting} />}
      >
        {NOTICE_KINDS.map((kind) => {
          const [label, hint] = KIND_WORDS[kind];
          return (
            <Switch
              key={kind}
              label={label}
              hint={hint}
              checked={!off.includes(kind)}
              onChange={(on) => void ring(kind, on)}
            />
          );
        })}
        <div className={styles.line}>
          <div className={styles.words}>
            <span>Quiet hours</span>
            <span className={styles.hint}>Nothing rings between these times of day, such as 22:00 and 07:00.</span>
          </div>
          <div className={styles.control}>
            <KeptText
              aria-label="Quiet from"
              placeholder="22:00"
              className={styles.time}
              value={from}
              onKeep={(text) => void quiet(text, text === '' ? '' : to || '07:00')}
            />
            <KeptText
              aria-label="Quiet until"
              placeholder="07:00"
              className={styles.time}
              value={to}
              onKeep={(text) => void quiet(text === '' ? '' : from || '22:00', text)}
            />
          </div>
        </div>
        {error === null ? null : (
          <p role="alert" className={styles.error}>
            {error}
          </p>
        )}
      </Section>
      <LastDay settings={settings} />
    </>
  );
}
