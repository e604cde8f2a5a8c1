import { useState } from 'react';
import { capWords, forecastWords, SCOPE_WORDS } from '../../../contract/capWords.ts';
import type { CapView, GovernorView, PauseView } from '../../../contract/governor.ts';
import { callEngine } from '../../actions/calls.ts';
import { openDialog } from '../../actions/roomActions.tsx';
import { Button } from '../../components/Button.tsx';
import { Glyph } from '../../components/Glyph.tsx';
import { Meter, type MeterTone } from '../../components/Meter.tsx';
import { Section } from '../../components/Section.tsx';
import { Line } from '../../components/Text.tsx';
import { clockTime } from '../../stores/format.ts';
import { useClock, useRoom, useStatus } from '../../stores/hooks.ts';
import styles from './Costs.module.css';
import { RaiseCapDialog, scopeName } from './costDialogs.tsx';
import { nearestCaps } from './costRules.ts';

/** Caps that are shown before the person asks for all; more when more are reached. */
const SHOWN = 4;

const TONES: Readonly<Record<CapView['level'], MeterTone>> = { ok: 'good', soft: 'warning', over: 'accent' };

function CapRow({ cap }: { readonly cap: CapView }) {
  const room = useRoom();
  const forecast = forecastWords(cap);
  const name = scopeName(cap.scope, cap.id);
  return (
    <li className={styles.cap} data-level={cap.level}>
      <span className={styles.capScope}>
        {SCOPE_WORDS[cap.scope]}
        {cap.scope === 'agent' || cap.scope === 'task' ? <Line text={cap.id} className={styles.capId} title /> : null}
      </span>
      <span className={styles.capMeter}>
        <Meter
          label={`Cap of ${name}`}
          value={cap.used}
          max={cap.limit}
          tone={TONES[cap.level]}
          text={`${capWords(cap)}${forecast === '' ? '' : `, ${forecast}`}`}
        />
      </span>
      <span className={styles.capWords}>{capWords(cap)}</span>
      <span className={styles.forecast}>{forecast}</span>
      {room.replay === null ? (
        <Button
          small
          tone={cap.level === 'over' ? 'primary' : 'plain'}
          aria-label={`Raise the cap of ${name}`}
          onClick={() => openDialog(room, (close) => <RaiseCapDialog cap={cap} close={close} />)}
        >
          Raise…
        </Button>
      ) : null}
    </li>
  );
}

function PauseRow({ pause, time }: { readonly pause: PauseView; readonly time: string }) {
  const room = useRoom();
  const { scope, id, by } = pause;
  const name = scopeName(scope, id);
  const resume = async () => {
    if (scope === 'day') return;
    const done = await callEngine(room, 'governor.pause', { scope, id, paused: false });
    if (done.ok) room.notices.say('info', `${name} goes on.`);
  };
  return (
    <li className={styles.pause}>
      <Glyph shape="paused" className={styles.pauseMark} />
      <span className={styles.pauseWords}>
        <Line text={pause.reason} title />
        <span className={styles.faint}>
          {by === 'cap' ? 'by its cap' : 'by a person'}, {time}
        </span>
      </span>
      {by === 'operator' && scope !== 'day' && room.replay === null ? (
        <Button small aria-label={`Resume ${name}`} onClick={() => void resume()}>
          Resume
        </Button>
      ) : null}
    </li>
  );
}

/** What gets no more turns, and until when runtimes are used up. */
function Held({ governor, caps }: { readonly governor: GovernorView; readonly caps: readonly CapView[] }) {
  const { breakers } = governor;
  // A cap that is reached says so in its own row, which comes first.
  const pauses = governor.pauses.filter(
    ({ scope, id, by }) =>
      by === 'operator' || !caps.some((cap) => cap.scope === scope && cap.id === id && cap.level === 'over'),
  );
  const times = useClock((now) =>
    [...pauses.map(({ since }) => clockTime(since, now)), ...breakers.map(({ until }) => clockTime(until, now))].join(
      '|',
    ),
  ).split('|');
  if (pauses.length === 0 && breakers.length === 0) return null;
  return (
    <ul className={styles.pauses} aria-label="Paused">
      {pauses.map((pause, index) => (
        <PauseRow key={`${pause.scope} ${pause.id} ${pause.by}`} pause={pause} time={times[index] ?? ''} />
      ))}
      {breakers.map((breaker, index) => (
        <li key={breaker.runtime} className={styles.pause}>
          <Glyph shape="paused" className={styles.pauseMark} />
          <span className={styles.pauseWords}>
            <Line
              text={
                breaker.state === 'probing'
                  ? `${breaker.runtime} is used up; one agent tries again`
                  : `${breaker.runtime} is used up until ${times[pauses.length + index] ?? ''}`
              }
            />
            <Line text={breaker.reason} className={styles.faint} title />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Every cap with its forecast, and what is paused; caps are raised and pauses ended here (product.md B4). */
export function Caps({ caps }: { readonly caps: readonly CapView[] }) {
  const room = useRoom();
  const governor = useStatus((status) => status.governor);
  const runId = useStatus((status) => status.runId);
  const [all, setAll] = useState(false);
  const sorted = nearestCaps(caps);
  const first = Math.max(SHOWN, caps.filter(({ level }) => level === 'over').length);
  // One row more takes the place of the button that would show it.
  const shown = all || sorted.length <= first + 1 ? sorted : sorted.slice(0, first);
  const runPaused = governor?.pauses.some(({ scope, id, by }) => scope === 'run' && id === runId && by === 'operator');
  return (
    <Section
      title="Caps"
      {...(caps.length === 0 ? {} : { count: caps.length })}
      framed
      className={styles.panel}
      actions={
        room.replay === null ? (
          <>
            {runId === null || runPaused === true ? null : (
              <Button small onClick={() => room.actions.run('run.pause', room)}>
                Pause run
              </Button>
            )}
            <Button small onClick={() => room.actions.run('settings.caps', room)}>
              Set caps
            </Button>
          </>
        ) : null
      }
    >
      {governor === null ? null : <Held governor={governor} caps={caps} />}
      {caps.length === 0 ? (
        <p className={styles.faint}>
          {room.replay === null
            ? 'No caps are set. A cap pauses what reached it and asks you; it never ends a turn.'
            : 'No cap was shown at this moment.'}
        </p>
      ) : (
        <>
          <ul className={styles.caps} aria-label="Caps">
            {shown.map((cap) => (
              <CapRow key={`${cap.scope} ${cap.id} ${cap.measure}`} cap={cap} />
            ))}
          </ul>
          {shown.length === sorted.length && !all ? null : (
            <p className={styles.all}>
              <Button small aria-expanded={all} onClick={() => setAll(!all)}>
                {all ? 'Show the nearest only' : `Show all ${sorted.length}`}
              </Button>
            </p>
          )}
        </>
      )}
      {room.replay === null || caps.length === 0 ? null : (
        <p className={styles.faint}>What was used of a cap is recorded every 15 seconds.</p>
      )}
    </Section>
  );
}
