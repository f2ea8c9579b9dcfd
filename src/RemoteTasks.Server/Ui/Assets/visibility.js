// Tells the daemon when nobody can see this tab, so that it need not send anything.
export function attach(daemon) {
  // The daemon calls: what it has drawn hears clicks from now on.
  document.documentElement.dataset.started = '';
  const abort = new AbortController();
  document.addEventListener('visibilitychange', () => daemon.invokeMethodAsync('Set', document.hidden), { signal: abort.signal });
  return { detach: () => abort.abort() };
}
