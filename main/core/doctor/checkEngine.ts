import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PRODUCT_VERSION, PROTOCOL_VERSION } from '../../../contract/version.ts';
import { isAlive } from '../../platform/processes.ts';
import { findPtyHost } from '../../pty-host/client.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { readTextIfPresent } from '../util/files.ts';
import { type Category, type DoctorContext, type Finding, failure, fixing, pass, warning } from './doctorContext.ts';

/** Age in milliseconds above which the reference's watchdog file is stale (spec 03 §5.7). */
const STALE_PID_MS = 24 * 3_600_000;

/** One version everywhere (row 9). */
export const checkVersion: Category = async ({ engine, projectRoot }) => {
  const findings: Finding[] = [pass('version-current', `Overstory Control Room ${PRODUCT_VERSION}`)];
  if (engine === null) findings.push(pass('engine version', 'no engine runs'));
  else if (engine.version === PRODUCT_VERSION && engine.protocol === PROTOCOL_VERSION)
    findings.push(pass('engine version', `the engine (process ${engine.pid}) is of this version`));
  else
    findings.push(
      warning(
        'engine version',
        `the engine (process ${engine.pid}) is of version ${engine.version}: "ov serve --stop" ends it, agents go on`,
      ),
    );
  const host = await findPtyHost(projectRoot);
  findings.push(
    host === null || host.version === PRODUCT_VERSION
      ? pass('pty host version', host === null ? 'no pty host runs' : `process ${host.pid} is of this version`)
      : warning(
          'pty host version',
          `the pty host (process ${host.pid}) is of version ${host.version}: it is replaced once nothing runs under it`,
        ),
  );
  return findings;
};

/** The watchdog (row 12): ours lives in the engine, the reference's leaves a file. */
export const checkWatchdog: Category = async (context) => {
  const { config, engine, lastTickAt, clock } = context;
  const findings: Finding[] = [];
  const { tier0Enabled, tier0IntervalMs, tier2Enabled } = config.watchdog;
  if (!tier0Enabled) findings.push(pass('watchdog', 'watchdog disabled by watchdog.tier0Enabled'));
  else if (engine === null) findings.push(pass('watchdog', 'no engine runs, so nothing is watched'));
  else if (lastTickAt === null) findings.push(pass('watchdog', `it lives in the engine (process ${engine.pid})`));
  else {
    const age = clock.now() - Date.parse(lastTickAt);
    findings.push(
      age > 3 * tier0IntervalMs + 10_000
        ? failure('watchdog', `its last look is ${Math.round(age / 1_000)} s old: restart the engine`)
        : pass('watchdog', `looked ${Math.round(Math.max(0, age) / 1_000)} s ago`),
    );
  }
  if (tier0Enabled) findings.push(await referenceFile(context));
  if (tier2Enabled) findings.push(monitorRuns(context));
  return findings;
};

/** `watchdog.pid` of overstory's own daemon. */
async function referenceFile({ overstory, clock }: DoctorContext): Promise<Finding> {
  const name = 'pid integrity';
  const path = join(overstory, 'watchdog.pid');
  const text = await readTextIfPresent(path);
  if (text === null) return pass(name, "overstory's own watchdog does not run beside ours");
  const pid = /^\d+$/.test(text.trim()) ? Number(text.trim()) : null;
  const remove = fixing('deletes the file', async () => {
    await rm(path, { force: true });
    return 'deleted .overstory/watchdog.pid';
  });
  if (pid === null) return failure(name, 'watchdog.pid holds no process id', [], remove);
  if (!isAlive(pid)) return warning(name, `watchdog.pid names process ${pid}, which is gone`, [], remove);
  const age = clock.now() - (await stat(path)).mtimeMs;
  return warning(
    name,
    `overstory's own watchdog (process ${pid}) watches beside ours${age > STALE_PID_MS ? ' for more than a day' : ''}: end it`,
  );
}

function monitorRuns({ overstory }: DoctorContext): Finding {
  const store = openSessions(join(overstory, 'sessions.db'), { readOnly: true });
  if (!store.ok) return warning('tier2 monitor', `it cannot be told whether the monitor runs: ${store.error.message}`);
  try {
    const runs = store.value.getActive().some((session) => session.capability === 'monitor');
    return runs
      ? pass('tier2 monitor', 'the monitor runs')
      : warning('tier2 monitor', 'tier 2 is on and no monitor runs: "ov monitor start" starts it');
  } finally {
    store.value.close();
  }
}
