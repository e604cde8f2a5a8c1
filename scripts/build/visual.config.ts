import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, '../..');

/** Builds the page that pictures are taken of, for the visual tests only; they say where to. It is never part of `dist`. */
export default defineConfig({
  root: resolve(root, 'renderer'),
  base: './',
  plugins: [react()],
  build: {
    emptyOutDir: true,
    target: 'chrome130',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    minify: false,
    chunkSizeWarningLimit: 10_000,
    rolldownOptions: { input: resolve(root, 'renderer/visual.html') },
  },
});
