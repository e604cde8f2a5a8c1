import { useEffect, useState } from 'react';
import { ATTENTION_WORDS } from '../../stores/attentionOrder.ts';
import { useRoom } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';

/** Speaks new attention items to screen readers, once each. */
export function Announcer() {
  const { topics } = useRoom();
  const [words, setWords] = useState('');
  useEffect(
    () =>
      topics.attention.subscribe((content, before) => {
        if (!before.loaded) return;
        const fresh = Object.values(content.state.byId).filter((item) => before.state.byId[item.id] === undefined);
        if (fresh.length === 0) return;
        setWords(fresh.map((item) => showableLine(`${ATTENTION_WORDS[item.kind]}: ${item.title}`)).join('. '));
      }),
    [topics],
  );
  return (
    <div className="visually-hidden" role="status" aria-live="assertive" data-testid="announcer">
      {words}
    </div>
  );
}
