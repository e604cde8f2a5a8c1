import { useEffect, useState } from 'react';
import { pageTokens } from '../../terminal/theme.ts';
import { type ChartColours, chartColours } from './drawTimeline.ts';

/** The chart's colours, read again when the theme changes. */
export function useChartColours(): ChartColours {
  const [colours, setColours] = useState(() => chartColours(pageTokens(document)));
  useEffect(() => {
    const read = () => setColours(chartColours(pageTokens(document)));
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    // Styles may have come after the first render.
    read();
    return () => observer.disconnect();
  }, []);
  return colours;
}

/** Whether a typeface has been loaded, or cannot be. A canvas draws with another one until then, and the page does not draw it again. */
export function useTypeface(font: string): boolean {
  const [loaded, setLoaded] = useState<string | null>(null);
  useEffect(() => {
    let mounted = true;
    const done = () => {
      if (mounted) setLoaded(font);
    };
    // A page that cannot load any draws with what there is.
    const loading = 'fonts' in document ? document.fonts.load(font) : Promise.resolve();
    loading.then(done, done);
    return () => {
      mounted = false;
    };
  }, [font]);
  return loaded === font;
}
