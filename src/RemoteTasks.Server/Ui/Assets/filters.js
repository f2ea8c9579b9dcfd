// Times in the filters: the reader's clock here, seconds since the epoch in the address.
function local(seconds) {
  const time = new Date(seconds * 1000);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function fill() {
  for (const input of document.querySelectorAll('input[data-seconds]')) {
    const value = input.dataset.value ? local(Number(input.dataset.value)) : '';
    if (input.dataset.shown !== value) {
      input.dataset.shown = value;
      input.value = value;
    }
  }
}

function changed(event) {
  const input = event.target;
  const seconds = Math.floor(new Date(input.value).getTime() / 1000);
  if (input.matches('input[data-jump]') && Number.isFinite(seconds)) {
    document.dispatchEvent(new CustomEvent('rt-jump', { detail: seconds }));
  } else if (input.matches('input[data-seconds]')) {
    const page = new URL(location.href);
    if (Number.isFinite(seconds))
      page.searchParams.set(input.dataset.seconds, seconds);
    else
      page.searchParams.delete(input.dataset.seconds);
    Blazor.navigateTo(page.href);
  }
}

export function watchTimes() {
  document.addEventListener('change', changed);
  new MutationObserver(fill).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-value'], childList: true });
  fill();
}
