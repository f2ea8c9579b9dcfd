// Picking a time in the histogram: dragged over, what is seen is that time; clicked, the list goes there.
import { clockText } from './time.js';

const words = ['failed', 'unknown', 'with warnings', 'running', 'OK'];

class Histogram {
  constructor(element, daemon) {
    this.element = element;
    this.daemon = daemon;
    this.picked = element.querySelector('.histogram-picked');
    this.hint = element.querySelector('.histogram-hint');
    this.abort = new AbortController();
    const on = (name, handle) => element.addEventListener(name, handle, { signal: this.abort.signal });
    on('pointerdown', event => this.down(event));
    on('pointermove', event => this.move(event));
    on('pointerup', event => this.up(event));
    on('pointercancel', () => this.clear());
    on('pointerleave', () => { this.hint.hidden = true; });
  }

  detach() {
    this.abort.abort();
  }

  get counts() {
    const { counts } = this.element.dataset;
    return counts ? counts.split(';') : [];
  }

  part(event) {
    const box = this.element.getBoundingClientRect();
    const share = Math.min(0.99999, Math.max(0, (event.clientX - box.left) / box.width));
    return Math.floor(share * this.counts.length);
  }

  timeOf(part) {
    return Number(this.element.dataset.from) + part * Number(this.element.dataset.seconds);
  }

  down(event) {
    if (event.button !== 0 || this.counts.length === 0)
      return;
    this.began = this.part(event);
    this.element.setPointerCapture(event.pointerId);
  }

  move(event) {
    const counts = this.counts;
    if (counts.length === 0)
      return;
    const part = this.part(event);
    this.show(part, counts[part].split(',').map(Number), event);
    if (this.began === undefined)
      return;
    const [from, to] = this.span(part);
    this.picked.hidden = from === to - 1;
    this.picked.style.left = `${from * 100 / counts.length}%`;
    this.picked.style.width = `${(to - from) * 100 / counts.length}%`;
  }

  span(part) {
    return [Math.min(part, this.began), Math.max(part, this.began) + 1];
  }

  up(event) {
    if (this.began === undefined)
      return;
    const [from, to] = this.span(this.part(event));
    this.clear();
    if (to - from > 1)
      this.daemon.invokeMethodAsync('Pick', this.timeOf(from), this.timeOf(to) - 1);
    else
      document.dispatchEvent(new CustomEvent('rt-jump', { detail: this.timeOf(to) - 1 }));
  }

  clear() {
    this.began = undefined;
    this.picked.hidden = true;
  }

  show(part, counts, event) {
    const told = counts.map((count, i) => count > 0 ? `${count.toLocaleString('en')} ${words[i]}` : '').filter(text => text);
    this.hint.textContent = `${clockText(this.timeOf(part)).slice(0, 16)}: ${told.length > 0 ? told.join(', ') : 'none'}`;
    this.hint.hidden = false;
    const box = this.element.getBoundingClientRect();
    const left = Math.min(box.width - this.hint.offsetWidth, Math.max(0, event.clientX - box.left - this.hint.offsetWidth / 2));
    this.hint.style.left = `${left}px`;
  }
}

export function attach(element, daemon) {
  return new Histogram(element, daemon);
}
