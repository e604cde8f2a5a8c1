import { createStore, type StoreApi } from 'zustand/vanilla';
import { loadPreferences, type PreferenceStorage, Preferences, type ScreenId, savePreferences } from './preferences.ts';

/** What the person in the room looks at. The part named in `Preferences` is kept between visits. */
export interface UiState extends Preferences {
  /** Name of the agent the inspector shows. */
  readonly selectedAgent: string | null;
  readonly paletteOpen: boolean;
  /** True while the component gallery stands in place of the room. */
  readonly galleryOpen: boolean;
  /** Side panes that are away because the window is narrow; asking for one brings it back until the window changes. */
  readonly inspectorAway: boolean;
  readonly treeAway: boolean;
  /** Subtrees folded in the agent tree, by the parent's name. */
  readonly foldedAgents: ReadonlySet<string>;
  /** Id of the attention item the keyboard stands on. */
  readonly currentAttention: string | null;
  readonly mailFolder: string;
  readonly mailThread: string | null;
}
export type UiStore = StoreApi<UiState>;

const PERSISTED = Object.keys(Preferences.shape) as readonly (keyof Preferences)[];

/** Builds the store from what was kept, and keeps every later change of a preference. */
export function createUiStore(storage: PreferenceStorage): UiStore {
  const store = createStore<UiState>(() => ({
    ...loadPreferences(storage),
    selectedAgent: null,
    paletteOpen: false,
    galleryOpen: false,
    inspectorAway: false,
    treeAway: false,
    foldedAgents: new Set<string>(),
    currentAttention: null,
    mailFolder: 'operator',
    mailThread: null,
  }));
  store.subscribe((state, before) => {
    if (PERSISTED.some((key) => state[key] !== before[key])) savePreferences(storage, Preferences.parse(state));
  });
  return store;
}

/** True when the inspector may show on this screen. */
export function inspectorShown(state: Pick<UiState, 'inspectorFolded' | 'inspectorAway'>, screen: ScreenId): boolean {
  return !state.inspectorAway && !state.inspectorFolded.includes(screen);
}

/** True when the agent tree shows. */
export function treeShown(state: Pick<UiState, 'treeOpen' | 'treeAway'>): boolean {
  return state.treeOpen && !state.treeAway;
}

/** Folds or unfolds the inspector of one screen. */
export function withInspector(folded: readonly ScreenId[], screen: ScreenId, shown: boolean): ScreenId[] {
  const others = folded.filter((name) => name !== screen);
  return shown ? others : [...others, screen];
}
