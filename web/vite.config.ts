import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where a Hearth of this machine answers while the page is being worked on with Vite's own server. */
const localHearth = 'http://127.0.0.1:9999'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), tailwindcss()],
  // Nothing may become a data: URL or an inline script: the page's Content-Security-Policy refuses both.
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': localHearth, '/v1': localHearth, '/health': localHearth } },
})
