import { Fragment } from 'react';
import { Pane, PaneLine, Panes } from '../../components/Panes.tsx';
import { type PaneLayout, splitKey } from '../../stores/paneLayout.ts';
import { TerminalPane } from './TerminalPane.tsx';
import type { TabRow } from './tabs.ts';

/** Pixels a pane keeps at least, by the direction it is divided in. */
const LEAST = { right: '200px', down: '120px' } as const;

/** The terminals in sight, each in its part of the screen. Lines between them are dragged, or moved by arrow keys. */
export function PaneTree({
  part,
  rows,
  divided,
  active,
}: {
  readonly part: PaneLayout;
  readonly rows: readonly TabRow[];
  /** True while there is more than one pane. */
  readonly divided: boolean;
  /** Number of the pane in use. */
  readonly active: number | null;
}) {
  if ('pane' in part) {
    const row = rows.find(({ id }) => id === part.terminal);
    return row === undefined ? null : (
      <TerminalPane key={row.id} row={row} split={divided} inUse={part.pane === active} />
    );
  }
  const key = `terminals-${splitKey(part)}`;
  const line = part.split === 'right' ? 'Width of the left terminals' : 'Height of the upper terminals';
  return (
    <Panes key={key} id={key} orientation={part.split === 'right' ? 'horizontal' : 'vertical'}>
      {([part.first, part.second] as const).map((half, index) => (
        <Fragment key={index === 0 ? 'first' : 'second'}>
          {index === 0 ? null : <PaneLine label={line} />}
          <Pane id={`${key}-${index}`} min={LEAST[part.split]}>
            <PaneTree part={half} rows={rows} divided={divided} active={active} />
          </Pane>
        </Fragment>
      ))}
    </Panes>
  );
}
