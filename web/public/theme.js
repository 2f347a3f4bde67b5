// Runs before the first paint, so that a dark room is never lit by a white page. A file of its own: inline scripts
// are refused.
;(function () {
  let choice = 'system'
  try {
    choice = localStorage.getItem('hearth.theme') || 'system'
  } catch {
    // Storage may be forbidden; the system's wish is then followed.
  }
  const isDark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
})()
