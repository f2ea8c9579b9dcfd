// Copying a text, and following what is added to a log.
async function copy(button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed here';
  }
  setTimeout(() => { button.textContent = before; }, 1500);
}

function follow() {
  for (const lines of document.querySelectorAll('.log-lines[data-follow]')) {
    if (lines.dataset.lines === lines.dataset.seen)
      continue;
    // Who has scrolled up is reading: the log stays where it is.
    const isAtEnd = lines.dataset.seen === undefined || lines.scrollHeight - lines.scrollTop - lines.clientHeight < 80 || lines.dataset.end === '1';
    lines.dataset.seen = lines.dataset.lines;
    if (isAtEnd)
      requestAnimationFrame(() => { lines.scrollTop = lines.scrollHeight; });
  }
}

export function watchCopy() {
  document.addEventListener('click', event => {
    const button = event.target.closest?.('[data-copy]');
    if (button)
      copy(button);
  });
  new MutationObserver(follow).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-lines'] });
}
