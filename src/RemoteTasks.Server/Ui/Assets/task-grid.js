// The scroller of a list of any length. A browser does not draw elements higher than some ten million pixels, so the scrolled height is
// bounded: near both ends a pixel is a pixel, in between the scroll bar is a scale. Rows come from the daemon, some screens at a time.
const heightMax = 4_000_000;
const exactEnd = 1_000_000;
const idleMs = 120;

class Grid {
  constructor(element, daemon) {
    this.element = element;
    this.daemon = daemon;
    this.space = element.querySelector('.grid-space');
    this.rows = element.querySelector('.grid-rows');
    this.head = element.querySelector('.grid-head');
    this.offset = 0;      // What a pixel of the list is further down than the pixel it is drawn at.
    this.active = -1;
    this.read();
    this.generation = this.told.generation;
    this.shift = this.told.shift;
    this.abort = new AbortController();
    const on = (target, name, handle, options) => target.addEventListener(name, handle, { signal: this.abort.signal, ...options });
    on(element, 'scroll', () => this.scrolled(), { passive: true });
    on(element, 'keydown', event => this.key(event));
    on(element, 'click', event => this.click(event));
    on(document, 'keydown', event => this.pageKey(event));
    on(document, 'rt-jump', event => this.jumpTo(event.detail));
    this.changes = new MutationObserver(() => this.changed());
    this.changes.observe(element, { attributes: true, attributeFilter: ['data-first', 'data-total', 'data-shift', 'data-generation'] });
    this.changes.observe(this.rows, { childList: true });
    this.size = new ResizeObserver(() => this.measure());
    this.size.observe(element);
    this.measure();
    element.dataset.ready = '';
  }

  detach() {
    this.abort.abort();
    this.changes.disconnect();
    this.size.disconnect();
    clearTimeout(this.idle);
  }

  // --- Places and pixels ---

  get listHeight() { return this.told.total * this.rowHeight; }
  get view() { return Math.max(this.rowHeight, this.element.clientHeight - this.head.offsetHeight); }
  get last() { return Math.max(0, this.listHeight - this.view); }
  get lastDrawn() { return Math.max(0, this.drawnHeight - this.view); }
  get at() { return Math.min(this.last, Math.max(0, this.element.scrollTop + this.offset)); }
  get top() { return Math.floor(this.at / this.rowHeight); }

  /** Where a pixel of the list is drawn. */
  drawn(at) {
    const [all, shown] = [this.last, this.lastDrawn];
    if (all <= shown)
      return at;
    if (at <= exactEnd)
      return at;
    if (at >= all - exactEnd)
      return shown - (all - at);
    return exactEnd + (at - exactEnd) * (shown - 2 * exactEnd) / (all - 2 * exactEnd);
  }

  /** Which pixel of the list is drawn at one. */
  listed(top) {
    const [all, shown] = [this.last, this.lastDrawn];
    if (all <= shown || top <= exactEnd)
      return top;
    if (top >= shown - exactEnd)
      return all - (shown - top);
    return exactEnd + (top - exactEnd) * (all - 2 * exactEnd) / (shown - 2 * exactEnd);
  }

  read() {
    const { first, total, shift, generation } = this.element.dataset;
    this.told = { first: Number(first), total: Number(total), shift: Number(shift), generation: Number(generation) };
  }

  measure() {
    const at = this.rowHeight ? this.at / this.rowHeight : 0;
    this.rowHeight = parseFloat(getComputedStyle(this.element).getPropertyValue('--row')) || 26;
    this.layout(at * this.rowHeight);
    this.want();
  }

  /** Draws the list as it is, with a pixel of it at the top. */
  layout(at) {
    this.drawnHeight = Math.min(this.listHeight, heightMax);
    const height = `${this.drawnHeight}px`;
    if (this.space.style.height !== height)
      this.space.style.height = height;
    at = Math.min(this.last, Math.max(0, at));
    const top = this.drawn(at);
    if (Math.abs(this.element.scrollTop - top) >= 1)
      this.element.scrollTop = top;
    this.lastTop = this.element.scrollTop;
    this.offset = this.listHeight <= heightMax ? 0 : at - this.lastTop;
    this.place();
  }

  place() {
    this.rows.style.top = `${this.told.first * this.rowHeight - this.offset}px`;
    this.markActive();
  }

  // --- What the daemon says ---

  changed() {
    const before = this.at;
    this.read();
    let at = before;
    if (this.told.generation !== this.generation) {
      at = 0;
      this.active = -1;
    } else if (this.told.shift !== this.shift && this.top > 0) {
      // Whoever is at the very top by now follows what is new: what moved before the daemon knew that is not to take them down again.
      const moved = this.told.shift - this.shift;
      at = before + moved * this.rowHeight;
      if (this.active >= 0)
        this.active += moved;
    }
    this.generation = this.told.generation;
    this.shift = this.told.shift;
    this.layout(at);
    this.want();
  }

  /** Asks for rows when what is seen, and some more, is not here. */
  async want() {
    const seen = Math.ceil(this.view / this.rowHeight) + 1;
    const top = this.top;
    const first = Math.max(0, top - seen);
    const count = seen * 3;
    const here = this.told.first + this.rows.childElementCount;
    const isHere = this.told.first <= Math.max(0, top - seen / 3) && here >= Math.min(this.told.total, top + seen * 4 / 3);
    if (this.isAsking || (isHere && top === this.askedTop))
      return;
    if (isHere && this.isMoving)
      return;
    this.isAsking = true;
    this.askedTop = top;
    try {
      const [from, many] = isHere ? [this.told.first, Math.max(count, Math.min(this.rows.childElementCount, 400))] : [first, count];
      await this.daemon.invokeMethodAsync('Show', from, many, top, this.shift, this.generation);
    } catch {
      // The connection is lost: rows come when it is back, or the page is loaded anew.
      await new Promise(resolve => setTimeout(resolve, 500));
    }
    this.isAsking = false;
    if (!this.abort.signal.aborted && this.top !== this.askedTop)
      this.want();
  }

  // --- Scrolling ---

  scrolled() {
    const top = this.element.scrollTop;
    if (top === this.lastTop)
      return;
    if (this.offset !== 0 || this.listHeight > heightMax) {
      // A short way is a way of so many pixels; a long one is the scroll bar's.
      const isShort = Math.abs(top - this.lastTop) <= 3 * this.view;
      const at = isShort ? Math.min(this.last, Math.max(0, top + this.offset)) : this.listed(top);
      this.offset = at - top;
      this.rows.style.top = `${this.told.first * this.rowHeight - this.offset}px`;
    }
    this.lastTop = top;
    this.isMoving = true;
    this.want();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.rest(), idleMs);
  }

  /** The bar is put where it belongs, unseen. */
  rest() {
    this.isMoving = false;
    this.layout(this.at);
    this.want();
  }

  goTo(place) {
    this.layout(place * this.rowHeight);
    this.want();
  }

  jump(place) {
    this.active = Math.max(0, Math.min(this.told.total - 1, place));
    this.goTo(this.active);
  }

  async jumpTo(time) {
    this.jump(await this.daemon.invokeMethodAsync('PlaceAt', time));
  }

  // --- Keys and clicks ---

  markActive() {
    for (const row of this.rows.querySelectorAll('[data-active]'))
      row.removeAttribute('data-active');
    const row = this.active < 0 ? null : document.getElementById(`row-${this.active}`);
    row?.setAttribute('data-active', '');
    if (row)
      this.element.setAttribute('aria-activedescendant', row.id);
    else
      this.element.removeAttribute('aria-activedescendant');
  }

  setActive(place) {
    this.active = Math.max(0, Math.min(this.told.total - 1, place));
    const top = this.active * this.rowHeight;
    if (top < this.at)
      this.layout(top);
    else if (top + this.rowHeight > this.at + this.view)
      this.layout(top + this.rowHeight - this.view);
    this.markActive();
    this.want();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey)
      return;
    const screen = Math.max(1, Math.floor(this.view / this.rowHeight) - 1);
    const from = this.active < 0 ? this.top - 1 : this.active;
    switch (event.key) {
      case 'ArrowDown': this.setActive(from + 1); break;
      case 'ArrowUp': this.setActive(from - 1); break;
      case 'PageDown': this.setActive(Math.max(0, from) + screen); break;
      case 'PageUp': this.setActive(from - screen); break;
      case 'Home': this.setActive(0); break;
      case 'End': this.setActive(this.told.total - 1); break;
      case 'Enter': this.open(document.getElementById(`row-${this.active}`)); break;
      default: return;
    }
    event.preventDefault();
  }

  pageKey(event) {
    const isTyping = event.target.closest?.('input, select, textarea, [contenteditable]');
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
      document.querySelector('[data-search]')?.focus();
      event.preventDefault();
    } else if (event.key === 'Escape' && !document.querySelector('dialog[open]')) {
      if (isTyping && !document.querySelector('[data-close]'))
        this.element.focus();
      else
        document.querySelector('[data-close]')?.click();
    }
  }

  click(event) {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || getSelection().type === 'Range')
      return;
    const row = event.target.closest('.grid-rows > .grid-row');
    if (!row)
      return;
    event.preventDefault();
    event.stopPropagation();
    this.active = Number(row.id.slice(4));
    this.markActive();
    this.element.focus({ preventScroll: true });
    this.open(row);
  }

  open(row) {
    if (row)
      this.daemon.invokeMethodAsync('Open', row.dataset.upid);
  }
}

export function attach(element, daemon) {
  return new Grid(element, daemon);
}
