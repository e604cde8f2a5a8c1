import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, '../..');

/**
 * Builds the renderer into `dist/renderer`. Relative addresses make the same files work under `app://control/` and
 * under `http://127.0.0.1:PORT/`; nothing is inlined, because both content security policies allow only own files.
 */
export default defineConfig({
  root: resolve(root, 'renderer'),
  base: './',
  plugins: [react()],
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
