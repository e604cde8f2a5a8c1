import { useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field, TextInput } from '../../components/Field.tsx';
import { timeOfDay } from '../../stores/format.ts';
import type { Player } from './player.ts';
import { timeTyped } from './playhead.ts';

/** Goes to a time of day within what is replayed. */
export function GoToTimeDialog({ player, close }: { readonly player: Player; close(): void }) {
  const { at, from, to } = player.store.getState();
  const [words, setWords] = useState(() => timeOfDay(at));
  const wanted = timeTyped(words, at);
  const outside = wanted !== null && (wanted < from - 1_000 || wanted > to + 1_000);
  return (
    <Dialog
      title="Go to a time"
      text={`The replay runs from ${timeOfDay(from)} to ${timeOfDay(to)}.`}
      onClose={close}
      onSubmit={() => {
        if (wanted === null || outside) return;
        close();
        player.seek(wanted);
      }}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" disabled={wanted === null || outside}>
            Go
          </Button>
        </>
      }
    >
      <Field label="Time" hint={outside ? 'This time is not in the replay.' : 'Such as 14:03 or 14:03:22.'}>
        {(id, describedBy) => (
          <TextInput
            id={id}
            aria-describedby={describedBy}
            autoFocus
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
