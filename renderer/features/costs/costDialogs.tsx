import { useState } from 'react';
import { SCOPE_WORDS } from '../../../contract/capWords.ts';
import type { BudgetMeasure, BudgetScope } from '../../../contract/governor.ts';
import { callEngine } from '../../actions/calls.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field } from '../../components/Field.tsx';
import { NumberField } from '../../components/NumberField.tsx';
import { useRoom } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import { MEASURE_UNITS } from './costRules.ts';

/** A cap that is to be raised. */
export interface RaisedCap {
  readonly scope: BudgetScope;
  readonly id: string;
  readonly measure: BudgetMeasure;
  readonly limit: number;
}

/** "today", "agent csv-writer", "run run-1": what a cap is set on. */
export function scopeName(scope: BudgetScope, id: string): string {
  return scope === 'day' ? SCOPE_WORDS.day : `${SCOPE_WORDS[scope]} ${showableLine(id)}`;
}

/** Asks by how much a cap is raised; whoever it had paused goes on at once. */
export function RaiseCapDialog({ cap, close }: { readonly cap: RaisedCap; close(): void }) {
  const room = useRoom();
  const { scope, id, measure, limit } = cap;
  const half = measure === 'usd' ? Math.max(0.5, Math.round(limit * 50) / 100) : Math.max(1, Math.round(limit / 2));
  const [by, setBy] = useState<number | null>(half);
  const raise = async () => {
    if (by === null || by <= 0) return;
    close();
    const done = await callEngine(room, 'governor.raise', { scope, id, [measure]: by });
    if (done.ok)
      room.notices.say('info', `The cap of ${scopeName(scope, id)} is raised by ${by} ${MEASURE_UNITS[measure]}.`);
  };
  return (
    <Dialog
      title={`Raise the cap of ${scopeName(scope, id)}`}
      text="Whoever this cap had paused goes on at once. The raise holds for this one only; the caps for all are in Settings."
      onClose={close}
      onSubmit={() => void raise()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={by === null || by <= 0}>
            Raise
          </Button>
        </>
      }
    >
      <Field label="By">
        {(fieldId) => (
          // The number's field keeps Enter for itself; here it means the same as the button.
          // biome-ignore lint/a11y/noStaticElementInteractions: the key belongs to the field inside.
          <div
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
              // Or the rest of this key press would reach the button the focus returns to, and open the dialogue again.
              event.preventDefault();
              void raise();
            }}
          >
            <NumberField
              id={fieldId}
              value={by}
              min={measure === 'usd' ? 0.01 : 1}
              max={1_000_000}
              step={1}
              decimals={measure === 'usd' ? 2 : 0}
              unit={MEASURE_UNITS[measure]}
              onChange={setBy}
            />
          </div>
        )}
      </Field>
    </Dialog>
  );
}
