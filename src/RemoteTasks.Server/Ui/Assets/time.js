// Times as the reader's clock and zone have them: the daemon knows neither.
const daemonAhead = Number(document.documentElement.dataset.now) - Date.now();
const two = number => String(number).padStart(2, '0');

export function now() {
  return (Date.now() + daemonAhead) / 1000;
}

export function clockText(seconds) {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime())
    ? String(seconds)
    : `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

// Durations as the daemon writes them, see Durations.cs.
export function spanText(seconds) {
  seconds = Math.max(0, Math.floor(seconds));
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0)
    return `${days}d ${two(hours)}h`;
  if (hours > 0)
    return `${hours}h ${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m ${two(seconds % 60)}s` : `${seconds}s`;
}

/** <rt-time at="SECONDS">: a moment. With "only" = day or minute a part of it. */
class TimeElement extends HTMLElement {
  static observedAttributes = ['at', 'only'];

  attributeChangedCallback() {
    const at = Number(this.getAttribute('at'));
    const text = clockText(at);
    const only = this.getAttribute('only');
    this.textContent = only === 'day' ? text.slice(0, 10) : only === 'minute' ? text.slice(5, 16) : text;
    this.title = `${text} (${Intl.DateTimeFormat().resolvedOptions().timeZone}); ${at} s`;
  }
}

/** <rt-since at="SECONDS">: how long ago that was, counting on. */
class SinceElement extends HTMLElement {
  static observedAttributes = ['at'];

  connectedCallback() {
    ticking.add(this);
    this.tick();
  }

  disconnectedCallback() {
    ticking.delete(this);
  }

  attributeChangedCallback() {
    this.tick();
  }

  tick() {
    const text = spanText(now() - Number(this.getAttribute('at')));
    if (this.textContent !== text)
      this.textContent = text;
  }
}

const ticking = new Set();
setInterval(() => {
  if (document.hidden)
    return;
  for (const element of ticking)
    element.tick();
}, 1000);
customElements.define('rt-time', TimeElement);
customElements.define('rt-since', SinceElement);
