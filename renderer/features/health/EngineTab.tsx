import type { ReactNode } from 'react';
import type { EngineHealth, HostHealth } from '../../../contract/health.ts';
import { Age } from '../../components/Age.tsx';
import { Badge } from '../../components/Badge.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Fact, Facts } from '../../components/Facts.tsx';
import { Glyph } from '../../components/Glyph.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Section } from '../../components/Section.tsx';
import { counted, longDuration } from '../../stores/format.ts';
import { useClock, useRoom } from '../../stores/hooks.ts';
import styles from './Health.module.css';
import { bytesWords } from './healthWords.ts';
import { useAnswer } from './useAnswer.ts';

/** Milliseconds between two questions while the tab is in front. */
const EVERY_MS = 5_000;
/** Milliseconds of delay of the event loop that a person would begin to feel. */
const LATE_MS = 50;

function Uptime({ since }: { readonly since: string }) {
  const words = useClock((now) => longDuration(now - Date.parse(since)));
  return <>{words}</>;
}

function Flag({ good, children }: { readonly good: boolean; readonly children: ReactNode }) {
  return (
    <Badge tone={good ? 'good' : 'danger'}>
      <Glyph shape={good ? 'yes' : 'no'} />
      <span>{children}</span>
    </Badge>
  );
}

function EngineFacts({ health, attached }: { readonly health: EngineHealth; readonly attached: boolean }) {
  const { engine, lease, watchdog } = health;
  const { loopDelay, memory } = engine;
  const ours = lease?.ours === true;
  return (
    <Section title="Engine" framed>
      <Facts>
        <Fact label="Runs">{attached ? 'in a process of its own' : 'embedded in this app'}</Fact>
        <Fact label="Version">
          {engine.version} on Node {engine.node}
        </Fact>
        <Fact label="Process" mono>
          {engine.pid}
        </Fact>
        <Fact label="Up for">
          <Uptime since={engine.startedAt} />
        </Fact>
        <Fact label="Lease">
          <Flag good={ours}>
            {ours ? 'held by this engine' : lease === null ? 'held by nobody' : `held by process ${lease.pid}`}
          </Flag>
        </Fact>
        <Fact label="Faces">{engine.faces} connected</Fact>
        <Fact label="Memory">
          {bytesWords(memory.residentBytes)}{' '}
          <span className={styles.faint}>
            heap {bytesWords(memory.heapUsedBytes)} of {bytesWords(memory.heapTotalBytes)}
          </span>
        </Fact>
        <Fact label="Loop delay">
          <span className={loopDelay.p99 > LATE_MS ? styles.warnText : undefined}>
            {loopDelay.p99 > LATE_MS ? <Glyph shape="warn" words="late:" /> : null} {loopDelay.p99} ms
          </span>{' '}
          <span className={styles.faint}>
            p99 of a minute · p50 {loopDelay.p50} · most {loopDelay.max}
          </span>
        </Fact>
        <Fact label="CPU">
          {engine.cpuSeconds < 60 ? `${engine.cpuSeconds} s` : longDuration(engine.cpuSeconds * 1_000)} in all
        </Fact>
        <Fact label="Watchdog">
          {!watchdog.enabled ? (
            'off by watchdog.tier0Enabled'
          ) : watchdog.lastTickAt === null ? (
            'has not looked yet'
          ) : (
            <>
              looked <Age at={watchdog.lastTickAt} /> ago{' '}
              <span className={styles.faint}>
                every {longDuration(watchdog.intervalMs)} · {counted(watchdog.agents, 'agent')} ·{' '}
                {counted(watchdog.verdicts, 'verdict')}
              </span>
            </>
          )}
        </Fact>
      </Facts>
    </Section>
  );
}

function HostFacts({ host, recordingBytes }: { readonly host: HostHealth | null; readonly recordingBytes: number }) {
  return (
    <Section title="Terminal host" framed>
      {host === null ? (
        <p className={styles.hint}>None runs. The first turn or terminal starts one; it ends by itself when idle.</p>
      ) : (
        <Facts>
          <Fact label="Version">{host.version}</Fact>
          <Fact label="Process" mono>
            {host.pid}
          </Fact>
          <Fact label="Up for">
            <Uptime since={host.startedAt} />
          </Fact>
          <Fact label="Terminals">
            {host.terminals} <span className={styles.faint}>{host.running} with a process</span>
          </Fact>
          <Fact label="Connected">{host.connections}</Fact>
          <Fact label="Memory">{bytesWords(host.memoryBytes)}</Fact>
          <Fact label="Output">
            {bytesWords(host.outputBytes)}{' '}
            <span className={styles.faint}>{bytesWords(host.ringBytes)} kept for an exact return</span>
          </Fact>
          <Fact label="Recordings">{bytesWords(recordingBytes)}</Fact>
        </Facts>
      )}
    </Section>
  );
}

function Stores({ health }: { readonly health: EngineHealth }) {
  const total = health.stores.reduce((sum, store) => sum + store.bytes + store.walBytes, 0);
  return (
    <Section title="Stores" count={bytesWords(total)} framed>
      <table className={styles.stores}>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Size</th>
            <th scope="col">Write-ahead log</th>
          </tr>
        </thead>
        <tbody>
          {health.stores.map((store) => (
            <tr key={store.name}>
              <th scope="row">{store.name}</th>
              <td>{store.bytes === 0 ? '–' : bytesWords(store.bytes)}</td>
              <td>{store.walBytes === 0 ? '–' : bytesWords(store.walBytes)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">recordings</th>
            <td>{bytesWords(health.recordingBytes)}</td>
            <td>–</td>
          </tr>
          <tr>
            <th scope="row">logs</th>
            <td>{bytesWords(health.logBytes)}</td>
            <td>–</td>
          </tr>
        </tbody>
      </table>
    </Section>
  );
}

/** How engine, terminal host and stores are; asked every few seconds while somebody looks. */
export function EngineTab() {
  const room = useRoom();
  const round = useClock((now) => Math.floor(now / EVERY_MS));
  const answer = useAnswer('engine.health', {}, round);
  if (answer.value === null)
    return answer.error === null ? (
      <Loading label="Loading the engine's figures" rows={8} />
    ) : (
      <ErrorState title="The engine does not answer" message={answer.error} onRetry={answer.reload} />
    );
  const health = answer.value;
  return (
    <div className={styles.scroll}>
      {answer.error === null ? null : (
        <p className={styles.warnText} role="alert">
          <Glyph shape="warn" /> These figures are old: {answer.error}
        </p>
      )}
      <div className={styles.cards}>
        <EngineFacts health={health} attached={room.desktop === null || health.engine.mode !== 'embedded'} />
        <div className={styles.column}>
          <HostFacts host={health.host} recordingBytes={health.recordingBytes} />
          <Stores health={health} />
        </div>
      </div>
    </div>
  );
}
