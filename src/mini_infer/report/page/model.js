'use strict';
// What the page knows: the buffers as columns, the steps, the plans, and what follows from them.

const data = JSON.parse(document.getElementById('data').textContent);
const count = data.ids.length;
const intervals = index => data.gaps[index] || [[data.starts[index], data.ends[index]]];
const bytes = size => size.toLocaleString('en-US') + ' B';
const escaped = text => String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const firstStep = data.first, lastStep = Math.max(data.last, data.first + 1);

/** Bytes alive from each step in `at` to the next one. */
const alive = (() => {
  const changes = new Map();
  for (let index = 0; index < count; index++) {
    for (const [start, end] of intervals(index)) {
      changes.set(start, (changes.get(start) || 0) + data.sizes[index]);
      changes.set(end, (changes.get(end) || 0) - data.sizes[index]);
    }
  }
  const at = [...changes.keys()].sort((a, b) => a - b), total = [];
  let sum = 0, peak = 0;
  at.forEach((step, i) => {
    sum += changes.get(step);
    total.push(sum);
    if (sum > total[peak]) peak = i;
  });
  return { at, total, peak: at.length ? at[peak] : firstStep, most: total.length ? total[peak] : 0 };
})();

function aliveIn(step) {
  const found = [];
  for (let index = 0; index < count; index++) {
    if (intervals(index).some(([start, end]) => start <= step && step < end)) found.push(index);
  }
  return found.sort((a, b) => data.sizes[b] - data.sizes[a] || a - b);
}

const nodeOf = step => data.nodes[step - firstStep];
const stepText = step => nodeOf(step) ? `step ${step}: ${nodeOf(step)}` : `step ${step}`;

/** Everything about a buffer in one plan, as lines of text. */
function describe(index, plan) {
  const offset = plan.offsets[index], lines = [data.ids[index]];
  if (data.types[index] >= 0) lines.push(data.strings[data.types[index]]);
  lines.push(`${bytes(data.sizes[index])} at ${offset.toLocaleString('en-US')} to ${(offset + data.sizes[index]).toLocaleString('en-US')}`);
  lines.push('alive in ' + intervals(index).map(([start, end]) => end > start + 1 ? `steps ${start} to ${end - 1}` : `step ${start}`).join(', '));
  const uses = data.uses[index];
  if (uses) {
    lines.push('made in ' + stepText(uses[0]));
    if (uses.length > 1) lines.push('read in ' + uses.slice(1, 7).map(stepText).join('; ') + (uses.length > 7 ? `; and ${uses.length - 7} more` : ''));
  }
  const others = data.aliases[index];
  if (others) lines.push('also holds ' + others.slice(0, 8).join(', ') + (others.length > 8 ? ` and ${others.length - 8} more` : ''));
  return lines;
}
