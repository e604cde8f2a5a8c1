import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { Checkbox } from './Checkbox.tsx';
import { type DataColumn, nextDataSort, sortRows } from './DataTable.tsx';
import { ErrorState } from './ErrorState.tsx';
import { Field, Select } from './Field.tsx';
import { Loading } from './Loading.tsx';
import { Meter } from './Meter.tsx';
import { NumberField } from './NumberField.tsx';
import { Section } from './Section.tsx';
import { Segmented } from './Segmented.tsx';
import { Slider } from './Slider.tsx';
import { Switch } from './Switch.tsx';
import { Tabs } from './Tabs.tsx';

describe('controls', () => {
  it('a switch and a checkbox carry their label and hint, and tell what they became', () => {
    const switched = vi.fn();
    const checked = vi.fn();
    render(
      <>
        <Switch label="Shadow mode" hint="Verdicts are only written down." checked={false} onChange={switched} />
        <Checkbox label="Remember" checked onChange={checked} />
      </>,
    );
    const shadow = screen.getByRole('switch', { name: 'Shadow mode' });
    expect(document.getElementById(shadow.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
      'Verdicts are only written down.',
    );
    fireEvent.click(shadow);
    fireEvent.click(screen.getByRole('checkbox', { name: 'Remember' }));
    expect(switched).toHaveBeenCalledWith(true);
    expect(checked).toHaveBeenCalledWith(false);
  });

  it('a segmented choice is a radio group that names the chosen one', () => {
    const chosen = vi.fn();
    render(
      <Segmented
        label="Group by"
        options={[
          { value: 'agent', label: 'Agent' },
          { value: 'model', label: 'Model' },
        ]}
        value="agent"
        onChange={chosen}
      />,
    );
    expect(screen.getByRole('radio', { name: 'Agent' }).getAttribute('aria-checked')).toBe('true');
    fireEvent.click(screen.getByRole('radio', { name: 'Model' }));
    expect(chosen).toHaveBeenCalledWith('model');
  });

  it('tabs show the panel of the chosen tab and none other', () => {
    function Two() {
      const [tab, setTab] = useState<'logs' | 'drills'>('logs');
      return (
        <Tabs
          label="Parts"
          value={tab}
          onChange={setTab}
          tabs={[
            { id: 'logs', title: 'Logs' },
            { id: 'drills', title: 'Drills' },
          ]}
        >
          {tab === 'logs' ? 'lines' : 'exercises'}
        </Tabs>
      );
    }
    render(<Two />);
    expect(screen.getByRole('tabpanel').textContent).toBe('lines');
    fireEvent.click(screen.getByRole('tab', { name: 'Drills' }));
    expect(screen.getByRole('tabpanel').textContent).toBe('exercises');
    expect(screen.getByRole('tab', { name: 'Drills' }).getAttribute('aria-selected')).toBe('true');
  });

  it('a number field keeps to its bounds and takes its label from the field around it', () => {
    const changed = vi.fn();
    render(
      <Field label="Agents at once">
        {(id, describedBy) => (
          <NumberField id={id} describedBy={describedBy} value={50} min={1} max={50} onChange={changed} />
        )}
      </Field>,
    );
    const input = screen.getByLabelText('Agents at once');
    expect((input as HTMLInputElement).value).toBe('50');
    fireEvent.keyDown(input, { key: 'ArrowUp' });
    expect(changed).not.toHaveBeenCalledWith(51);
    fireEvent.keyDown(input, { key: 'ArrowDown' });
    expect(changed).toHaveBeenLastCalledWith(49);
  });

  it('a slider says its value in words', () => {
    render(<Slider label="Moment" value={8} max={24} text="8 of 24" onChange={() => {}} />);
    expect(screen.getByRole('slider', { name: 'Moment' }).getAttribute('aria-valuetext')).toBe('8 of 24');
  });

  it('a meter says its amount in words and stays empty while it is not known', () => {
    const { rerender } = render(<Meter label="Spend" value={4} max={16} text="4 of 16 dollars" />);
    const meter = screen.getByRole('meter', { name: 'Spend' });
    expect(meter.getAttribute('aria-valuenow')).toBe('0.25');
    rerender(<Meter label="Spend" value={null} max={16} text="not known" />);
    expect(meter.getAttribute('aria-valuenow')).toBe('0');
    expect(meter.getAttribute('aria-valuetext')).toBe('not known');
  });

  it('a select offers its options', () => {
    const chosen = vi.fn();
    render(
      <Select
        aria-label="Level"
        value="info"
        options={[
          { value: 'info', label: 'Info' },
          { value: 'error', label: 'Error' },
        ]}
        onChange={(event) => chosen(event.target.value)}
      />,
    );
    fireEvent.change(screen.getByRole('combobox', { name: 'Level' }), { target: { value: 'error' } });
    expect(chosen).toHaveBeenCalledWith('error');
  });
});

describe('places', () => {
  it('a section is a region named by its heading', () => {
    render(<Section title="Caps">none</Section>);
    expect(screen.getByRole('region', { name: 'Caps' }).textContent).toContain('none');
  });

  it('loading is a status that says what is on its way', () => {
    render(<Loading label="Loading merges" rows={3} />);
    expect(screen.getByRole('status', { name: 'Loading merges' }).children).toHaveLength(3);
  });

  it('a failure says its line and offers another try', () => {
    const again = vi.fn();
    render(<ErrorState title="No costs" message="The engine did not answer." onRetry={again} />);
    expect(screen.getByRole('alert').textContent).toContain('The engine did not answer.');
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(again).toHaveBeenCalledOnce();
  });
});

describe('sorting a table', () => {
  interface Entry {
    readonly name: string;
    readonly cost: number;
  }
  const columns: readonly DataColumn<Entry>[] = [
    { id: 'name', title: 'name', width: '1fr', cell: ({ name }) => name },
    { id: 'cost', title: 'cost', width: '60px', cell: ({ cost }) => cost, compare: (a, b) => a.cost - b.cost },
  ];
  const rows: readonly Entry[] = [
    { name: 'a', cost: 2 },
    { name: 'b', cost: 1 },
    { name: 'c', cost: 2 },
  ];

  it('keeps the given order among equals in both directions, and the same array without a sort', () => {
    expect(sortRows(rows, columns, { column: 'cost', descending: false }).map(({ name }) => name)).toEqual([
      'b',
      'a',
      'c',
    ]);
    expect(sortRows(rows, columns, { column: 'cost', descending: true }).map(({ name }) => name)).toEqual([
      'a',
      'c',
      'b',
    ]);
    expect(sortRows(rows, columns, null)).toBe(rows);
    expect(sortRows(rows, columns, { column: 'name', descending: false })).toBe(rows);
  });

  it('a second press on the same heading turns the order round', () => {
    const first = nextDataSort(null, 'cost');
    expect(first).toEqual({ column: 'cost', descending: false });
    expect(nextDataSort(first, 'cost')).toEqual({ column: 'cost', descending: true });
    expect(nextDataSort(first, 'name')).toEqual({ column: 'name', descending: false });
  });
});
