import type { Measure } from '../lib/measure.ts';
import { attach } from './attach.ts';
import { browser } from './browser.ts';
import { commands } from './commands.ts';
import { delta } from './delta.ts';
import { echo } from './echo.ts';
import { idle } from './idle.ts';
import { loopDelay } from './loopDelay.ts';
import { mailToTurn } from './mailToTurn.ts';
import { merge } from './merge.ts';
import { pty } from './pty.ts';
import { radar } from './radar.ts';
import { recording } from './recording.ts';
import { render } from './render.ts';
import { sling } from './sling.ts';
import { startup } from './startup.ts';
import { stateRead } from './stateRead.ts';
import { stores } from './stores.ts';
import { terminalPage } from './terminalPage.ts';
import { timelineChart } from './timelineChart.ts';
import { transports } from './transports.ts';
import { vault } from './vault.ts';
import { watchdogTick } from './watchdogTick.ts';

/** Everything that is measured, in the order it is run. */
export const MEASURES: readonly Measure[] = [
  commands,
  stateRead,
  sling,
  delta,
  mailToTurn,
  merge,
  vault,
  radar,
  stores,
  pty,
  recording,
  echo,
  attach,
  transports,
  idle,
  watchdogTick,
  loopDelay,
  browser,
  startup,
  render,
  timelineChart,
  terminalPage,
];
