// The switch between the system's colours, dark and light ones.
const modes = ['system', 'dark', 'light'];
const words = { system: 'as the system has them', dark: 'dark', light: 'light' };

function current() {
  return document.documentElement.dataset.theme ?? 'system';
}

function show() {
  for (const button of document.querySelectorAll('[data-theme-switch]')) {
    button.ariaLabel = `Colours: ${words[current()]}`;
    button.title = button.ariaLabel;
  }
}

export function watchTheme() {
  document.addEventListener('click', event => {
    if (!event.target.closest?.('[data-theme-switch]'))
      return;
    const mode = modes[(modes.indexOf(current()) + 1) % modes.length];
    if (mode === 'system')
      delete document.documentElement.dataset.theme;
    else
      document.documentElement.dataset.theme = mode;
    globalThis.Blazor?.theme?.setThemeMode(mode);
    show();
  });
  new MutationObserver(show).observe(document.body, { childList: true });
  show();
}
