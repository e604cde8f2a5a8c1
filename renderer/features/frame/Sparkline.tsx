/** Pixels of one bar and its gap. */
const BAR = 2;
const GAP = 0.5;
const HEIGHT = 16;
/** Minutes at the end that stand out as "now". */
const RECENT = 5;

/** Activity per minute as bars, oldest first; the last five minutes stand out. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const most = Math.max(1, ...values);
  const width = values.length * (BAR + GAP);
  return (
    <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
      {values.map((value, index) => {
        const height = value === 0 ? 1 : Math.max(2, (value / most) * HEIGHT);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place in the hour and nothing else.
            key={index}
            x={index * (BAR + GAP)}
            y={HEIGHT - height}
            width={BAR}
            height={height}
            fill={index >= values.length - RECENT ? 'var(--state-working)' : 'var(--line-strong)'}
          />
        );
      })}
    </svg>
  );
}
