import type { CSSProperties } from 'react';
import { AGENT_STATUSES } from '../../../contract/agents.ts';
import { StatusMark } from '../../components/StatusMark.tsx';
import styles from './Gallery.module.css';
import { Part, Row } from './Part.tsx';

const COLOURS: readonly (readonly [string, readonly string[]])[] = [
  ['Surfaces', ['surface-base', 'surface-panel', 'surface-raised', 'surface-hover', 'surface-selected']],
  ['Meaning', ['accent-fill', 'accent-line', 'surface-accent', 'surface-danger', 'focus-ring']],
  ['Lines', ['line', 'line-strong', 'control-line', 'track']],
  ['Text', ['text', 'text-muted', 'text-faint', 'accent']],
];
const SIZES = ['size-display', 'size-title', 'size-large', 'size', 'size-small', 'size-tiny'] as const;
const SPACES = [1, 2, 3, 4, 5, 6] as const;

function Swatch({ name }: { readonly name: string }) {
  return (
    <span className={styles.swatch} style={{ '--shown': `var(--${name})` } as CSSProperties}>
      {name}
    </span>
  );
}

/** Colours, states, type and space: what everything else is made of. */
export function TokenParts() {
  return (
    <>
      <Part title="Colours" wide>
        {COLOURS.map(([group, names]) => (
          <div key={group} className={styles.swatches}>
            {names.map((name) => (
              <Swatch key={name} name={name} />
            ))}
          </div>
        ))}
      </Part>
      <Part title="States">
        <Row>
          {AGENT_STATUSES.map((status) => (
            <StatusMark key={status} status={status} word />
          ))}
        </Row>
      </Part>
      <Part title="Space">
        {SPACES.map((step) => (
          <div key={step} className={styles.space} style={{ width: `calc(var(--space-${step}) * 6)` }} />
        ))}
      </Part>
      <Part title="Type" wide>
        <dl className={styles.type}>
          {SIZES.map((size) => (
            <FontSize key={size} size={size} />
          ))}
          <dt>mono</dt>
          <dd>
            <code>overstory/csv-writer/OV-28 0O 1lI {'=>'} !=</code>
          </dd>
          <dt>figures</dt>
          <dd>
            1111.11
            <br />
            8888.88
          </dd>
        </dl>
      </Part>
    </>
  );
}

function FontSize({ size }: { readonly size: (typeof SIZES)[number] }) {
  return (
    <>
      <dt>{size}</dt>
      <dd style={{ fontSize: `var(--${size})` }}>
        Fleet of eleven agents, <b>two need you</b>
      </dd>
    </>
  );
}
