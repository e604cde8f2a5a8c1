import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = resolve(import.meta.dirname, '../..');

/** Faces of the two typefaces that every screen begins with: text, and names of things. */
const FIRST_FACES = /(inter-latin-wght-normal|jetbrains-mono-latin-400-normal)-[\w-]+\.woff2$/;

/** Has the page ask for them beside its scripts: found in the style sheet, they come after the first picture. */
function preloadFaces(): Plugin {
  return {
    name: 'preload-faces',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((name) => FIRST_FACES.test(name))
          .map((name) => ({
            tag: 'link',
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: true, href: `./${name}` },
            injectTo: 'head' as const,
          })),
    },
  };
}

/**
 * Builds the renderer into `dist/renderer`. Relative addresses make the same files work under `app://control/` and
 * under `http://127.0.0.1:PORT/`; nothing is inlined, because both content security policies allow only own files.
 */
export default defineConfig({
  root: resolve(root, 'renderer'),
  base: './',
  plugins: [react(), preloadFaces()],
  build: {
    outDir: resolve(root, 'dist/renderer'),
    emptyOutDir: true,
    // Chromium of the oldest Electron the tests run in (Electron 33).
    target: 'chrome130',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 1_500,
  },
});
