'use strict';
// What the page knows: the buffers as columns, the steps, the plans, and what follows from them. A step that streams has
// the same of its own: its rings are buffers, its calls are steps. `data` is what is shown.

const whole = JSON.parse(document.getElementById('data').textContent);
const KINDS = Object.keys(whole.kindTexts);
let data, count, firstStep, lastStep, alive;

/** Show the whole plan, or a plan in it. */
function choose(chosen) {
  data = chosen;
  count = data.ids.length;
  firstStep = data.first;
  lastStep = Math.max(data.last, data.first + 1);
  alive = aliveCurve();
}

const intervals = index => data.gaps[index] || [[data.starts[index], data.ends[index]]];
/** The steps in which two buffers that overlap live together, as intervals. */
const together = ([lower, upper]) => intervals(lower).flatMap(([a, b]) => intervals(upper).map(([c, d]) => [Math.max(a, c), Math.min(b, d)])).filter(([a, b]) => a < b);
const livesIn = (index, step) => intervals(index).some(([start, end]) => start <= step && step < end);
const nodeOf = step => data.nodes[step - firstStep];
const number = value => value.toLocaleString('en-US');
const bytes = size => number(size) + ' B';

/** Three digits and a decimal unit; a round number without its zeros. */
function short(size, round = false) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0, value = size;
  while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit++; }
  const digits = value.toFixed(unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2);
  return (round ? Number(digits) : digits) + ' ' + units[unit];
}

/** How far a plan is from the lower bound. */
function verdict(plan) {
  if (plan.size <= plan.bound) return 'optimal';
  const ratio = plan.size / plan.bound;
  return ratio < 2 ? `${(100 * (ratio - 1)).toFixed(1)} % above bound` : `${ratio.toFixed(1)} times the bound`;
}

/** Bytes alive from each step in `at` to the next one; where and how high the peak is, and the next one beside it. */
function aliveCurve() {
  const changes = new Map();
  for (let index = 0; index < count; index++) {
    for (const [start, end] of intervals(index)) {
      changes.set(start, (changes.get(start) || 0) + data.sizes[index]);
      changes.set(end, (changes.get(end) || 0) - data.sizes[index]);
    }
  }
  for (const pair of data.overlaps) {
    for (const [start, end] of together(pair)) {
      changes.set(start, changes.get(start) - pair[3]);
      changes.set(end, changes.get(end) + pair[3]);
    }
  }
  const at = [...changes.keys()].sort((a, b) => a - b), total = [];
  let sum = 0;
  for (const step of at) total.push(sum += changes.get(step));
  const most = total.reduce((a, b) => Math.max(a, b), 0), peak = Math.max(0, total.indexOf(most));
  let until = peak;
  while (until < total.length && total[until] === most) until++;
  let next = 0, nextAt = null;
  total.forEach((value, i) => { if ((i < peak || i >= until) && value > next) { next = value; nextAt = at[i]; } });
  const again = total.filter((value, i) => i >= until && value === most && total[i - 1] !== most).length;
  return { at, total, most, peak: at.length ? at[peak] : firstStep, next, nextAt, again };
}
choose(whole);

/** Bytes alive in a step. */
function aliveBytes(step) {
  let low = 0, high = alive.at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (alive.at[middle] <= step) low = middle + 1; else high = middle;
  }
  return low ? alive.total[low - 1] : 0;
}

/** The buffers that live in a step, the largest first. */
function aliveIn(step) {
  const found = [];
  for (let index = 0; index < count; index++) if (livesIn(index, step)) found.push(index);
  return found.sort((a, b) => data.sizes[b] - data.sizes[a] || a - b);
}

/** How far the peak would fall if a buffer were not there. */
function fallWithout(index) {
  let most = 0;
  const own = step => data.sizes[index] - data.overlaps.filter(pair => pair.slice(0, 2).includes(index) && livesIn(pair[0], step) && livesIn(pair[1], step)).reduce((sum, pair) => sum + pair[3], 0);
  for (let i = 0; i < alive.at.length; i++) {
    if (alive.total[i] > most) most = Math.max(most, alive.total[i] - (livesIn(index, alive.at[i]) ? own(alive.at[i]) : 0));
  }
  return alive.most - most;
}

/** The buffers whose name, or one of whose values' names, has the words in it. */
function matching(words) {
  const wanted = words.trim().toLowerCase(), found = [];
  for (let index = 0; index < count; index++) {
    if ([data.ids[index], ...(data.aliases[index] || [])].some(name => name.toLowerCase().includes(wanted))) found.push(index);
  }
  return found;
}
