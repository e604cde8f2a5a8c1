/** Keys of one place that are not remapped: they stand for what its list or board is about. */
export interface PlaceKeys {
  readonly place: string;
  /** Keys (several when any of them does it) and what they do there. */
  readonly keys: readonly (readonly [keys: readonly string[], does: string])[];
}

/** The fixed keys, by place, in the order of the left rail. */
export const PLACE_KEYS: readonly PlaceKeys[] = [
  {
    place: 'Everywhere',
    keys: [
      [['Tab', 'Shift+Tab'], 'next or previous control'],
      [['Escape'], 'close the dialog, menu or search in front'],
      [['Shift+F10'], 'menu of what is selected'],
    ],
  },
  {
    place: 'Agents and tables',
    keys: [
      [['ArrowUp', 'ArrowDown'], 'walk'],
      [['ArrowLeft', 'ArrowRight'], 'fold and unfold in the tree'],
      [['Enter'], 'open the terminal'],
    ],
  },
  {
    place: 'Attention',
    keys: [
      [['J', 'K'], 'next or previous'],
      [['1', '9'], 'choose the option with this number'],
      [['R'], 'reply'],
      [['Enter'], 'open'],
      [['X'], 'dismiss'],
    ],
  },
  {
    place: 'Terminals',
    keys: [
      [['F6'], 'leave the terminal'],
      [['Delete'], 'close the chosen tab'],
    ],
  },
  {
    place: 'Mail',
    keys: [
      [['J', 'K'], 'next or previous thread'],
      [['R'], 'reply'],
      [['Mod+Enter'], 'send'],
    ],
  },
  {
    place: 'Board',
    keys: [
      [['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'], 'walk the cards'],
      [['Shift+ArrowRight'], 'move the card, with any arrow'],
      [['S'], 'sling'],
      [['N'], 'new task'],
      [['Enter'], 'open'],
      [['Delete'], 'delete'],
    ],
  },
  {
    place: 'Timeline',
    keys: [
      [['ArrowLeft', 'ArrowRight'], 'earlier or later; with Shift faster'],
      [['-', '='], 'zoom'],
      [['Home', 'End'], 'beginning, or follow the present'],
    ],
  },
];
