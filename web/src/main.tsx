import './styles.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App.tsx'
import { createPageState, PageContext } from './app/page-state.ts'

const root = document.getElementById('root')
const page = createPageState()
if (root) {
  createRoot(root).render(
    <StrictMode>
      <PageContext value={page}>
        <QueryClientProvider client={page.client}>
          <App />
        </QueryClientProvider>
      </PageContext>
    </StrictMode>,
  )
}
