import { X } from 'lucide-react';
import { useCallback, useDeferredValue, useEffect, useRef, useState } from 'react';
import { LOG_LEVELS, type LogEntry, type LogLevelName, type ReadLogInput } from '../../../contract/health.ts';
import { inspectAgent } from '../../actions/navigation.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Select, TextInput } from '../../components/Field.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Body, Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import { useClock, useLinkState, useRoom } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import { LogList } from './LogList.tsx';
import styles from './Logs.module.css';
import { type HeldLog, heldFrom, withNewer, withOlder } from './logLines.ts';
import { useAnswer } from './useAnswer.ts';

/** Milliseconds between two looks for new lines while following. */
const FOLLOW_MS = 1_000;

const LEVEL_OPTIONS = LOG_LEVELS.map((value) => ({
  value,
  label: { debug: 'Everything', info: 'Info and above', warn: 'Warnings and errors', error: 'Errors only' }[value],
}));

type Wish = Pick<ReadLogInput, 'agent' | 'level' | 'search'>;

/** A log that is read page by page: backwards on demand, forwards by the clock while followed. */
function useLog(wish: Wish, follow: boolean) {
  const room = useRoom();
  const connection = useLinkState((state) => (state.kind === 'online' ? state.connection : null));
  const [held, setHeld] = useState<HeldLog | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const asking = useRef(false);
  const beat = useClock((now) => (follow ? Math.floor(now / FOLLOW_MS) : 0));
  const key = JSON.stringify(wish);
  const current = useRef(key);
  current.current = key;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `connection` and `round` say when to begin anew.
  useEffect(() => {
    let over = false;
    setHeld(null);
    void room.link.call('logs.read', JSON.parse(key) as Wish).then((page) => {
      if (over) return;
      setError(page.ok ? null : page.error.message);
      if (page.ok) setHeld(heldFrom(page.value));
    });
    return () => {
      over = true;
    };
  }, [room, key, connection, round]);

  const more = useCallback(
    async (
      place: Partial<Pick<ReadLogInput, 'before' | 'after'>>,
      take: (log: HeldLog, page: Parameters<typeof withOlder>[1]) => HeldLog,
    ) => {
      if (asking.current) return;
      asking.current = true;
      const page = await room.link.call('logs.read', { ...(JSON.parse(key) as Wish), ...place });
      asking.current = false;
      // Another log or filter was chosen meanwhile.
      if (current.current !== key) return;
      if (page.ok) setHeld((log) => (log === null ? log : take(log, page.value)));
      else setRound((last) => last + 1);
    },
    [room, key],
  );
  const after = held?.newer ?? undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each beat asks for what was written since.
  useEffect(() => {
    if (follow && after !== undefined) void more({ after }, withNewer);
  }, [beat, follow]);

  const before = held?.older ?? undefined;
  return {
    held,
    error,
    older: useCallback(() => (before === undefined ? undefined : void more({ before }, withOlder)), [before, more]),
    again: useCallback(() => setRound((last) => last + 1), []),
  };
}

/** The whole of one line, which the list shows in one row. */
function Detail({ entry, onClose }: { readonly entry: LogEntry; onClose(): void }) {
  const room = useRoom();
  const { agent } = entry;
  return (
    <section className={styles.detail} aria-label="Line">
      <div className={styles.detailHead}>
        <span className={styles.time}>{entry.at ?? entry.turn}</span>
        {agent === null ? null : (
          <Button small tone="quiet" onClick={() => inspectAgent(room, agent)}>
            <Line text={agent} />
          </Button>
        )}
        <span className={styles.gap} />
        <IconButton label="Close the line" onClick={onClose}>
          <X size={13} aria-hidden="true" />
        </IconButton>
      </div>
      <Body text={entry.message} className={styles.detailText} />
      {entry.facts === '' ? null : <Body text={entry.facts} className={styles.detailFacts} />}
    </section>
  );
}

/** The engine's log and those of the agents' turns, with filters, read from their files page by page. */
export function LogsTab() {
  const agents = useAnswer('logs.agents', {});
  const [agent, setAgent] = useState<string | null>(null);
  const [level, setLevel] = useState<LogLevelName>('debug');
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed);
  const [follow, setFollow] = useState(true);
  const [chosen, setChosen] = useState<LogEntry | null>(null);
  const [open, setOpen] = useState(false);
  const { held, error, older, again } = useLog({ agent, level, search }, follow);
  const onChoose = useCallback((entry: LogEntry) => {
    setChosen(entry);
    setOpen(true);
  }, []);
  const filtered = level !== 'debug' || search !== '';
  return (
    <div className={styles.screen}>
      <div className={styles.tools}>
        <Select
          aria-label="Log of"
          className={styles.source}
          value={agent ?? ''}
          onChange={(event) => {
            setAgent(event.target.value === '' ? null : event.target.value);
            setChosen(null);
          }}
        >
          <option value="">Engine</option>
          {agents.value?.agents.map((name) => (
            <option key={name} value={name}>
              {showableLine(name)}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Level"
          className={styles.levelChoice}
          options={LEVEL_OPTIONS}
          value={level}
          onChange={(event) => setLevel(LOG_LEVELS.find((one) => one === event.target.value) ?? 'debug')}
        />
        <TextInput
          aria-label="Search the log"
          placeholder="Search"
          className={styles.search}
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.target.value)}
        />
        <span className={styles.count} role="status">
          {held === null ? '' : `${counted(held.entries.length, 'line')}${held.older === null ? '' : ' so far'}`}
        </span>
        <span className={styles.gap} />
        {held?.older == null ? null : (
          <Button small onClick={older}>
            Look further back
          </Button>
        )}
        <Button small aria-pressed={follow} onClick={() => setFollow(!follow)}>
          <span className={styles.liveDot} data-live={follow || undefined} aria-hidden="true" />
          {follow ? 'Following' : 'Follow'}
        </Button>
      </div>
      {error !== null ? (
        <ErrorState title="This log cannot be read" message={error} onRetry={again} />
      ) : held === null ? (
        <Loading label="Loading the log" rows={12} rowHeight={24} />
      ) : held.entries.length === 0 ? (
        <EmptyState
          title={filtered ? 'No line fits' : 'Nothing is written here yet'}
          text={
            filtered
              ? held.older === null
                ? 'No line of this log has that level and text.'
                : 'Not in the part that was read: look further back.'
              : 'Lines appear as they are written.'
          }
        />
      ) : (
        <LogList
          entries={held.entries}
          chosen={chosen?.id ?? null}
          onOlder={held.older === null ? null : older}
          onChoose={onChoose}
          onOpen={onChoose}
        />
      )}
      {chosen !== null && open ? <Detail entry={chosen} onClose={() => setOpen(false)} /> : null}
    </div>
  );
}
