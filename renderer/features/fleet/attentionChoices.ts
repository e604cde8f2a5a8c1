import type { AttentionItem } from '../../../contract/attention.ts';

/** What choosing does. */
export type ChoiceCommand =
  | { readonly do: 'answer'; readonly text: string }
  | {
      readonly do:
        | 'retry'
        | 'stop'
        | 'takeOver'
        | 'openTerminal'
        | 'mergeAgain'
        | 'skipMerge'
        | 'acceptHeld'
        | 'showMerge'
        | 'showCollision'
        | 'resend'
        | 'openThread';
    };

/** One button of an attention item; its place is its number key. */
export interface Choice {
  readonly label: string;
  readonly command: ChoiceCommand;
}

const OPEN_TERMINAL: Choice = { label: 'Open terminal', command: { do: 'openTerminal' } };

/** A held merge can be let in by a person; the dialogue names what is lost. */
const ACCEPT: Readonly<Record<'loss' | 'gates', Choice>> = {
  loss: { label: 'Accept the loss…', command: { do: 'acceptHeld' } },
  gates: { label: 'Accept the failing check…', command: { do: 'acceptHeld' } },
};

/** The buttons of an item, in the order of their number keys. Options an agent offers come first and unchanged. */
export function attentionChoices(item: AttentionItem): readonly Choice[] {
  const answers = item.options.map((option): Choice => ({ label: option, command: { do: 'answer', text: option } }));
  switch (item.kind) {
    case 'gate':
    case 'question':
      return answers;
    case 'dead':
      return [
        ...answers,
        { label: 'Retry', command: { do: 'retry' } },
        { label: 'Stop…', command: { do: 'stop' } },
        OPEN_TERMINAL,
      ];
    case 'conflict':
      return [
        ...answers,
        ...(item.held === undefined ? [] : [ACCEPT[item.held]]),
        { label: 'Merge again', command: { do: 'mergeAgain' } },
        { label: 'Skip', command: { do: 'skipMerge' } },
        { label: 'Show merge', command: { do: 'showMerge' } },
        ...(item.agent === null ? [] : [OPEN_TERMINAL]),
      ];
    case 'login':
      // Its own program is where most runtimes are logged in to.
      return [
        ...answers,
        { label: 'Retry', command: { do: 'retry' } },
        { label: 'Take over', command: { do: 'takeOver' } },
        OPEN_TERMINAL,
      ];
    case 'quota':
      return [...answers, { label: 'Retry', command: { do: 'retry' } }, OPEN_TERMINAL];
    case 'resume':
      return [
        ...answers,
        { label: 'Resume', command: { do: 'retry' } },
        { label: 'Stop…', command: { do: 'stop' } },
        OPEN_TERMINAL,
      ];
    case 'collision':
      return [...answers, { label: 'Show collision', command: { do: 'showCollision' } }, OPEN_TERMINAL];
    case 'looping':
      return [...answers, OPEN_TERMINAL, { label: 'Stop…', command: { do: 'stop' } }];
    case 'deadLetter':
      return [
        ...answers,
        { label: 'Resend', command: { do: 'resend' } },
        { label: 'Open mail', command: { do: 'openThread' } },
      ];
    case 'error':
      return item.agent === null ? answers : [...answers, { label: 'Retry', command: { do: 'retry' } }, OPEN_TERMINAL];
  }
}

/** True when words of one's own are an answer too. */
export function takesWords(item: AttentionItem): boolean {
  return item.kind === 'gate' || item.kind === 'question';
}
