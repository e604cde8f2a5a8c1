import '@xterm/xterm/css/xterm.css';
import './tokens.css';
import { FitAddon } from '@xterm/addon-fit';
import { type ISearchOptions, SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { type ITheme, Terminal } from '@xterm/xterm';
import { LIMITS } from '../../contract/limits.ts';
import type { TerminalSize } from '../../contract/terminals.ts';
import { mayOpen } from '../client/externalLink.ts';
import type { Preferences } from '../stores/preferences.ts';
import { clipboardText } from './clipboardSequence.ts';
import { createLigatures } from './ligatures.ts';
import { syncScrollOnceAFrame, type Viewport } from './scrollSync.ts';
import { createSharedWidths, type WidthCache } from './sharedWidths.ts';
import { pageTokens, type ReadToken, terminalTheme } from './theme.ts';

/** The fit addon measures nothing smaller; a pane folded to nothing must not make a terminal of two columns. */
const SMALLEST = { cols: 12, rows: 2 } as const;

/** The parts of xterm that colour single cells, measure them, and move the scrollbar; private, hence the guard in xtermInside.test.ts. */
interface XtermInside {
  readonly _core?: {
    readonly _viewport?: Viewport;
    readonly _renderService?: {
      addRefreshCallback(run: () => void): number;
      readonly _renderer?: {
        readonly value?: {
          readonly _rowFactory?: { _addStyle(element: HTMLElement, style: string): void };
          readonly _widthCache?: WidthCache;
        };
      };
    };
  };
}

/** Once, when a terminal is opened; before that nothing of it exists. */
function calmScrollbar(terminal: Terminal): void {
  const core = (terminal as unknown as XtermInside)._core;
  const frames = core?._renderService;
  if (core?._viewport !== undefined && frames !== undefined)
    syncScrollOnceAFrame(core._viewport, (run) => frames.addRefreshCallback(run));
}

const shareWidths = createSharedWidths(() => devicePixelRatio);

/** Changes what the DOM renderer has to do otherwise here. Nothing of it exists while something else draws. */
function adaptDomRenderer(terminal: Terminal): void {
  const renderer = (terminal as unknown as XtermInside)._core?._renderService?._renderer?.value;
  if (renderer?._widthCache !== undefined) shareWidths(renderer._widthCache);
  if (renderer?._rowFactory !== undefined) colourThroughStyleObject(renderer._rowFactory);
}

/**
 * xterm gives a cell a true colour (and the mark of a search match) by writing its `style` attribute, which the page's
 * policy refuses (engineering.md 3.1 #9). Set through the style object the same colour is allowed.
 */
function colourThroughStyleObject(rows: { _addStyle(element: HTMLElement, style: string): void }): void {
  rows._addStyle = (element, style) => {
    const colon = style.indexOf(':');
    element.style.setProperty(style.slice(0, colon), style.slice(colon + 1));
  };
}

/** What a person may change of a terminal's looks. */
export type TerminalLooks = Pick<
  Preferences,
  'terminalFont' | 'terminalFontSize' | 'terminalLigatures' | 'terminalScrollback' | 'screenReaderTerminal'
>;

export interface XtermScreenOptions {
  readonly looks: TerminalLooks;
  /** What the person typed, and the screen's answers to device queries. */
  readonly onData: (data: string) => void;
  readonly onLink: (address: string) => void;
  /** A program wants text on the clipboard (OSC 52). */
  readonly onClipboard: (text: string) => void;
  /** A key before xterm sees it; false keeps it from xterm. */
  readonly onKey: (event: KeyboardEvent) => boolean;
}

/** xterm with everything we add to it, and nothing that a program in it could use against the person. */
export interface XtermScreen {
  readonly terminal: Terminal;
  readonly search: SearchAddon;
  /** Draws into a place, which must be in the page; once. */
  open(place: HTMLElement): void;
  /** Columns and rows that fit the present place; null while it has none. */
  fit(): TerminalSize | null;
  retheme(): void;
  /** Applies what a person changed. */
  look(looks: TerminalLooks): void;
  /** The DOM draws again, after something else did. */
  onDom(): void;
  searchOptions(incremental: boolean): ISearchOptions;
  dispose(): void;
}

/** Loaded before the first terminal opens: xterm measures its cells once, and must not measure the fallback font. */
export async function loadTerminalFonts(page: Document, fontSize: number): Promise<void> {
  const font = `${fontSize}px "JetBrains Mono"`;
  await Promise.all([page.fonts.load(font), page.fonts.load(`600 ${font}`)]).catch(() => {
    // A font that does not load leaves the system's mono in place, which works as well.
  });
}

/** The typeface as xterm wants it; the system's own for fixed width lies behind the bundled one anyway. */
function fontFamily({ terminalFont }: TerminalLooks, read: ReadToken): string {
  return terminalFont === 'system' ? 'ui-monospace, "DejaVu Sans Mono", monospace' : read('mono');
}

export function createXtermScreen(options: XtermScreenOptions): XtermScreen {
  const read = pageTokens(document);
  const theme: ITheme = terminalTheme(read);
  const activate = (_event: MouseEvent, address: string) => options.onLink(address);
  const terminal = new Terminal({
    allowProposedApi: true,
    scrollback: options.looks.terminalScrollback,
    fontFamily: fontFamily(options.looks, read),
    fontSize: options.looks.terminalFontSize,
    fontWeightBold: 600,
    lineHeight: 1.1,
    drawBoldTextInBrightColors: false,
    minimumContrastRatio: 4.5,
    cursorBlink: false,
    cursorInactiveStyle: 'outline',
    screenReaderMode: options.looks.screenReaderTerminal,
    macOptionIsMeta: true,
    theme,
    linkHandler: { activate, allowNonHttpProtocols: false },
  });
  const fitAddon = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fitAddon);
  terminal.loadAddon(search);
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  terminal.loadAddon(new WebLinksAddon((event, address) => mayOpen(address) && activate(event, address)));
  // Titles belong to the room, and the clipboard to the person: neither is the program's (engineering.md 3.1 #24).
  for (const sequence of [0, 1, 2]) terminal.parser.registerOscHandler(sequence, () => true);
  terminal.parser.registerOscHandler(52, (payload) => {
    const text = clipboardText(payload);
    if (text !== null) options.onClipboard(text);
    return true;
  });
  const ligatures = createLigatures(terminal);
  terminal.attachCustomKeyEventHandler((event) => !event.defaultPrevented && options.onKey(event));
  terminal.onData(options.onData);

  return {
    terminal,
    search,
    open(place) {
      terminal.open(place);
      calmScrollbar(terminal);
      adaptDomRenderer(terminal);
      ligatures(options.looks.terminalLigatures);
    },
    onDom: () => adaptDomRenderer(terminal),
    look(looks) {
      const family = fontFamily(looks, pageTokens(document));
      const { options: held } = terminal;
      if (held.fontFamily !== family) held.fontFamily = family;
      if (held.fontSize !== looks.terminalFontSize) held.fontSize = looks.terminalFontSize;
      if (held.scrollback !== looks.terminalScrollback) held.scrollback = looks.terminalScrollback;
      if (held.screenReaderMode !== looks.screenReaderTerminal) held.screenReaderMode = looks.screenReaderTerminal;
      ligatures(looks.terminalLigatures);
    },
    fit() {
      const size = fitAddon.proposeDimensions();
      if (size === undefined || Number.isNaN(size.cols) || Number.isNaN(size.rows)) return null;
      if (size.cols < SMALLEST.cols || size.rows < SMALLEST.rows) return null;
      return {
        cols: Math.min(size.cols, LIMITS.terminalCols.max),
        rows: Math.min(size.rows, LIMITS.terminalRows.max),
      };
    },
    retheme() {
      terminal.options.theme = terminalTheme(pageTokens(document));
    },
    searchOptions(incremental) {
      const token = pageTokens(document);
      const match = token('terminal-match');
      const current = token('terminal-match-current');
      return {
        incremental,
        decorations: {
          matchBackground: match,
          matchOverviewRuler: match,
          activeMatchBackground: current,
          activeMatchColorOverviewRuler: current,
        },
      };
    },
    dispose: () => terminal.dispose(),
  };
}
