// Before anything is drawn: the colours that were chosen here before, or else those of the system.
(() => {
  const key = 'fluentui-blazor:theme-settings';
  let mode;
  try {
    mode = JSON.parse(localStorage.getItem(key) ?? '{}').mode;
  } catch {
    // Nothing can be remembered here; the system's colours it is.
  }
  if (mode === 'dark' || mode === 'light')
    document.documentElement.dataset.theme = mode;
})();
