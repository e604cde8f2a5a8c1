import { longDuration, shortAge } from '../stores/format.ts';
import { useClock } from '../stores/hooks.ts';

/** Age of a timestamp, ticking with every other age on screen. Renders again only when its own text changes. */
export function Age({
  at,
  long = false,
  className,
}: {
  readonly at: string;
  /** True for "6 min 12 s" instead of "6m". */
  readonly long?: boolean;
  readonly className?: string | undefined;
}) {
  const time = Date.parse(at);
  const text = useClock((now) => {
    if (Number.isNaN(time)) return '–';
    return long ? longDuration(now - time) : shortAge(now - time);
  });
  return (
    <time className={className} dateTime={at}>
      {text}
    </time>
  );
}
