import { useState } from 'react';
import { Badge } from '../../components/Badge.tsx';
import { Button } from '../../components/Button.tsx';
import { type DataColumn, type DataSort, DataTable } from '../../components/DataTable.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Fact, Facts } from '../../components/Facts.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Meter } from '../../components/Meter.tsx';
import { Line } from '../../components/Text.tsx';
import styles from './Gallery.module.css';
import { Part, Row } from './Part.tsx';

interface Spend {
  readonly name: string;
  readonly model: string;
  readonly turns: number;
  readonly cost: number;
}
const SPENDS: readonly Spend[] = [
  { name: 'csv-writer', model: 'sonnet', turns: 14, cost: 0.41 },
  {
    name: 'a-very-long-agent-name-that-has-to-be-cut-somewhere-in-the-middle-of-it',
    model: 'opus',
    turns: 3,
    cost: 2.02,
  },
  { name: 'tax-rounding', model: 'haiku', turns: 120, cost: 0.09 },
  { name: 'mailer', model: 'sonnet', turns: 7, cost: 0.66 },
];
const COLUMNS: readonly DataColumn<Spend>[] = [
  {
    id: 'agent',
    title: 'agent',
    width: 'minmax(90px, 2fr)',
    cell: ({ name }) => <Line text={name} title />,
    compare: (a, b) => (a.name < b.name ? -1 : 1),
  },
  { id: 'model', title: 'model', width: 'minmax(60px, 1fr)', quiet: true, mono: true, cell: ({ model }) => model },
  {
    id: 'turns',
    title: 'turns',
    width: '52px',
    numeric: true,
    cell: ({ turns }) => turns,
    compare: (a, b) => a.turns - b.turns,
  },
  {
    id: 'cost',
    title: 'cost $',
    width: '60px',
    numeric: true,
    cell: ({ cost }) => cost.toFixed(2),
    compare: (a, b) => a.cost - b.cost,
  },
];
const nameOf = ({ name }: Spend) => name;

function Table() {
  const [sort, setSort] = useState<DataSort | null>({ column: 'cost', descending: true });
  const [selected, setSelected] = useState<string | null>('mailer');
  return (
    <Part title="Table" wide>
      <div className={styles.frame}>
        <DataTable
          label="Spend"
          rows={SPENDS}
          columns={COLUMNS}
          keyOf={nameOf}
          sort={sort}
          onSort={setSort}
          selected={selected}
          onSelect={setSelected}
        />
      </div>
    </Part>
  );
}

/** What shows data, and what stands in for it. */
export function DataParts() {
  return (
    <>
      <Table />
      <Part title="Facts">
        <Facts>
          <Fact label="branch" mono>
            <Line text="overstory/csv-writer/OV-28-with-a-long-name-that-is-cut-at-the-end" title />
          </Fact>
          <Fact label="turn">4 · 6 min 12 s</Fact>
          <Fact label="cost">$0.41 of 1.50</Fact>
        </Facts>
      </Part>
      <Part title="Meter">
        <Meter label="Plain" value={0.3} text="30 of 100" />
        <Meter label="Good" value={0.72} tone="good" text="72 of 100" />
        <Meter label="Warning" value={0.86} tone="warning" text="86 of 100" />
        <Meter label="Danger" value={1} tone="danger" text="100 of 100" />
        <Meter label="Waits for you" value={0.5} tone="accent" text="50 of 100" />
        <Meter label="Not known" value={null} text="not known" />
      </Part>
      <Part title="Badge">
        <Row>
          <Badge>dispatch</Badge>
          <Badge tone="info">in turn</Badge>
          <Badge tone="good">merged</Badge>
          <Badge tone="warning">looping</Badge>
          <Badge tone="danger">failed</Badge>
          <Badge tone="accent">2 need you</Badge>
          <Badge mono>OV-28</Badge>
        </Row>
      </Part>
      <Part title="Loading">
        <div className={styles.frame}>
          <Loading label="Loading agents" rows={6} />
        </div>
      </Part>
      <Part title="Empty">
        <div className={styles.frame}>
          <EmptyState title="No merges" text="Finished branches queue here.">
            <Button>Show the board</Button>
          </EmptyState>
        </div>
      </Part>
      <Part title="Failure">
        <div className={styles.frame}>
          <ErrorState
            title="The costs could not be read"
            message="The engine did not answer within 10 s; it may be busy."
            onRetry={() => {}}
          />
        </div>
      </Part>
    </>
  );
}
