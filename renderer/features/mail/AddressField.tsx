import { type KeyboardEvent, useId, useState } from 'react';
import { cx } from '../../components/cx.ts';
import { Field, TextInput } from '../../components/Field.tsx';
import { Line } from '../../components/Text.tsx';
import { selectAgentNames } from '../../stores/agentNames.ts';
import { useTopic } from '../../stores/hooks.ts';
import { completeAddress } from './addresses.ts';
import styles from './ComposeDialog.module.css';

/** The recipient, with completion over agents and groups: arrows choose, Enter or Tab takes. */
export function AddressField({
  value,
  autoFocus,
  onChange,
}: {
  readonly value: string;
  readonly autoFocus: boolean;
  onChange(value: string): void;
}) {
  const names = useTopic('agents', ({ byId }) => selectAgentNames(byId));
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const offers = open ? completeAddress(value, names) : [];

  const take = (address: string) => {
    onChange(address);
    setOpen(false);
    setChosen(0);
  };
  const onKey = (event: KeyboardEvent) => {
    const offer = offers[Math.min(chosen, offers.length - 1)];
    if (offer === undefined) return;
    if (event.key === 'ArrowDown') setChosen((chosen + 1) % offers.length);
    else if (event.key === 'ArrowUp') setChosen((chosen + offers.length - 1) % offers.length);
    else if (event.key === 'Enter' || (event.key === 'Tab' && value !== '')) take(offer);
    else if (event.key === 'Escape') setOpen(false);
    else return;
    if (event.key === 'Escape') event.stopPropagation();
    if (event.key !== 'Tab') event.preventDefault();
  };
  return (
    <Field label="To">
      {(id) => (
        <div className={styles.address}>
          <TextInput
            id={id}
            autoFocus={autoFocus}
            role="combobox"
            aria-expanded={offers.length > 0}
            aria-controls={listId}
            aria-autocomplete="list"
            {...(offers.length > 0 ? { 'aria-activedescendant': `${listId}-${chosen}` } : {})}
            placeholder="agent or @group"
            value={value}
            onChange={(event) => {
              onChange(event.target.value);
              setOpen(true);
              setChosen(0);
            }}
            onFocus={() => setOpen(value === '')}
            onBlur={() => setOpen(false)}
            onKeyDown={onKey}
          />
          {offers.length === 0 ? null : (
            <div id={listId} role="listbox" aria-label="Addresses" className={styles.offers}>
              {offers.map((offer, index) => (
                <div
                  key={offer}
                  id={`${listId}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === chosen}
                  className={cx(styles.offer, index === chosen && styles.chosen)}
                  // Mouse down, not click: the field's blur would close the list first.
                  onMouseDown={(event) => {
                    event.preventDefault();
                    take(offer);
                  }}
                >
                  <Line text={offer} />
                </div>
              ))}
            </div>
          )}
        </div>
      )}
    </Field>
  );
}
