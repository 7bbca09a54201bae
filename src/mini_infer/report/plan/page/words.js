// What the page says: the sizes on top, a buffer's facts, who is alive in a step.

const element = id => document.getElementById(id);
const escaped = text => String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const MOST_ROWS = 500, MOST_READERS = 6, MOST_ALIASES = 8;

const stepName = step => nodeOf(step) ? `step ${step}: ${nodeOf(step)}` : `step ${step}`;
const stepLink = step => `<a data-step="${step}">${escaped(stepName(step))}</a>`;
const listed = (items, most, show) => items.slice(0, most).map(show).join('<br>') + (items.length > most ? `<br>and ${items.length - most} more` : '');
const factList = facts => `<dl class="facts">${facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`;

/** Everything about a buffer in one plan: pairs of a word and HTML. */
function bufferFacts(index, plan) {
  const low = plan.offsets[index], high = low + data.sizes[index], facts = [];
  if (data.types[index] >= 0) facts.push(['type', escaped(data.strings[data.types[index]])]);
  facts.push(['kind', data.kindTexts[KINDS[data.kinds[index]]]], ['size', bytes(data.sizes[index])], ['offset', `${number(low)} to ${number(high)}`]);
  facts.push(['alive', intervals(index).map(([start, end]) => end > start + 1 ? `steps ${start} to ${end - 1}` : `step ${start}`).join(', ')]);
  const [made, ...read] = data.uses[index] || [];
  if (made !== undefined) facts.push(['made in', stepLink(made)]);
  if (read.length) facts.push(['read in', listed(read, MOST_READERS, stepLink)]);
  const others = data.aliases[index];
  if (others) facts.push(['also holds', listed(others, MOST_ALIASES, escaped)]);
  return facts;
}

const bufferText = (index, plan) => `<h2>${escaped(data.ids[index])}</h2>${factList(bufferFacts(index, plan))}`;
const stepTip = step => `<h2>${escaped(stepName(step))}</h2>${factList([['alive', bytes(aliveBytes(step))]])}`;

/** Who is alive in a step; at the peak also why it is there and what would lower it. */
function stepText(step, found, plan) {
  const total = aliveBytes(step), top = total === alive.most && total > 0;
  const rows = found.slice(0, MOST_ROWS).map(index => {
    const share = 100 * data.sizes[index] / total, kind = KINDS[data.kinds[index]], fall = top && found.length <= MOST_ROWS ? fallWithout(index) : 0;
    return `<li data-buffer="${index}"><i class="kind ${kind}"></i><div>${escaped(data.ids[index])}`
      + `<small>${bytes(data.sizes[index])} · ${share.toFixed(share < 10 ? 1 : 0)} % · at ${number(plan.offsets[index])}</small>`
      + (fall ? `<small class="good">without it the peak falls by ${short(fall)}</small>` : '')
      + `<i class="share ${kind}" style="width: ${share}%"></i></div></li>`;
  });
  const more = found.length > rows.length ? `<p>and ${found.length - rows.length} more</p>` : '';
  return `<h2>Step ${step}${top ? ' <span class="badge">the peak</span>' : ''}</h2>`
    + (nodeOf(step) ? `<p>${escaped(nodeOf(step))}</p>` : '')
    + `<p class="total">${bytes(total)}</p><p>${found.length} buffer${found.length === 1 ? '' : 's'} alive${top ? peakReason() : ''}</p>`
    + `<ul id="alive">${rows.join('')}</ul>${more}`;
}

function peakReason() {
  if (alive.again) return `. As many bytes are alive in ${alive.again} other place${alive.again === 1 ? '' : 's'}: all of them must fall for the peak to fall.`;
  if (alive.nextAt === null) return '.';
  return `. To need less, one of them must shrink, end sooner or begin later: the next highest is ${stepLink(alive.nextAt)} with ${short(alive.next)}.`;
}

function showSizes() {
  const first = data.plans[0], most = Math.max(...Object.values(data.sizesShown));
  const notes = { exported: 'every tensor of the model', unplanned: 'every buffer a place of its own', arena: first.size <= first.bound ? 'optimal: no plan is smaller' : verdict(first), 'lower bound': 'no plan can be smaller' };
  element('sizes').innerHTML = Object.entries(data.sizesShown).map(([name, size]) => {
    const tone = name === 'arena' ? (first.size <= first.bound ? ' good' : ' fair') : '';
    return `<div class="${name === 'arena' ? 'arena' : ''}"><dt>${name}</dt><dd>${short(size)} <span>${bytes(size)}</span></dd><dd class="note${tone}">${notes[name]}</dd>`
      + `<i style="width: ${most ? 100 * size / most : 0}%"></i></div>`;
  }).join('');
  element('facts').textContent = data.facts.join(' · ');
  element('legend').innerHTML = KINDS.filter((_, kind) => data.kinds.includes(kind))
    .map(name => `<span><i class="kind ${name}"></i>${data.kindTexts[name]}</span>`).join('')
    + '<span><i class="kind bound"></i>lower bound</span>';
}
