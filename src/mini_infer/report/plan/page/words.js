// What the page says: the sizes on top, a buffer's facts, who is alive in a step.

const element = id => document.getElementById(id);
const capital = word => word[0].toUpperCase() + word.slice(1);
const escaped = text => String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const MOST_ROWS = 500, MOST_READERS = 6, MOST_ALIASES = 8;

const stepName = step => `${data.unit} ${step}` + (nodeOf(step) ? `: ${nodeOf(step)}` : '');
const stepLink = step => `<a data-step="${step}">${escaped(stepName(step))}</a>`;
const listed = (items, most, show) => items.slice(0, most).map(show).join('<br>') + (items.length > most ? `<br>and ${items.length - most} more` : '');
const factList = facts => `<dl class="facts">${facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`;

/** Everything about a buffer in one plan: pairs of a word and HTML. */
function bufferFacts(index, plan) {
  const low = plan.offsets[index], high = low + data.sizes[index], facts = [];
  if (data.types[index] >= 0) facts.push(['type', escaped(data.strings[data.types[index]])]);
  facts.push(['kind', data.kindTexts[KINDS[data.kinds[index]]]], ['size', bytes(data.sizes[index])], ['offset', `${number(low)} to ${number(high)}`]);
  facts.push(['alive', intervals(index).map(([start, end]) => end > start + 1 ? `${data.unit}s ${start} to ${end - 1}` : `${data.unit} ${start}`).join(', ')]);
  if (data.rows) {
    const [kept, rows, apron, row, size] = data.rows[index];
    facts.push(['rows', `${number(kept)} of ${number(rows)}` + (apron ? `, ${number(apron)} of them in the apron` : '')]);
    facts.push(['a row', bytes(row)], ['whole', bytes(size)]);
  }
  for (const [lower, upper, distance] of data.overlaps) {
    if (lower === index) facts.push(['grows into', `${escaped(data.ids[upper])}, from ${bytes(distance)} below it on`]);
    if (upper === index) facts.push(['gives way to', escaped(data.ids[lower])]);
  }
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
  return `<h2>${capital(data.unit)} ${step}${top ? ' <span class="badge">the peak</span>' : ''}</h2>`
    + (nodeOf(step) ? `<p>${escaped(nodeOf(step))}</p>` : '')
    + streamText(step)
    + `<p class="total">${bytes(total)}</p><p>${found.length} ${data.rows ? 'ring' : 'buffer'}${found.length === 1 ? '' : 's'} alive${top ? peakReason() : ''}</p>`
    + `<ul id="alive">${rows.join('')}</ul>${more}`;
}

/** Of a step that streams, what it keeps and the way in; of a call, the way back to all rings. */
function streamText(step) {
  if (data.rows) return '<p><a data-rings>All rings</a></p>';
  const stream = data.streams[step];
  if (!stream) return '';
  const { whole, rings } = stream.sizesShown;
  return `<p><a data-open="${step}">Open its rings</a>: ${stream.facts.join(', ')}; ${short(rings)} instead of ${short(whole)}</p>`;
}

/** The rings of a stream as a table. */
function ringsText() {
  const rows = data.rows.map(([kept, rows, apron, , size], index) => `<tr data-buffer="${index}"><th colspan="4"><div><i class="kind ${KINDS[data.kinds[index]]}"></i><span>${escaped(data.ids[index])}</span></div></th></tr>`
    + `<tr data-buffer="${index}"><td>${number(kept)} of ${number(rows)}</td><td>${apron ? number(apron) : ''}</td><td>${number(data.sizes[index])}</td><td>${number(size)}</td></tr>`);
  return `<h2>Rings</h2><p>Rows that are still needed, where the calls are run a few rows at a time: ${data.facts.join(', ')}.</p>`
    + `<table id="rings"><thead><tr><td>rows</td><td>apron</td><td>bytes</td><td>whole</td></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function peakReason() {
  if (alive.again) return `. As many bytes are alive in ${alive.again} other place${alive.again === 1 ? '' : 's'}: all of them must fall for the peak to fall.`;
  if (alive.nextAt === null) return '.';
  return `. To need less, one of them must shrink, end sooner or begin later: the next highest is ${stepLink(alive.nextAt)} with ${short(alive.next)}.`;
}

function showSizes() {
  const first = data.plans[0], most = Math.max(...Object.values(data.sizesShown));
  const notes = { exported: 'every tensor of the model', whole: 'alive at once if the calls ran whole', unplanned: `every ${data.rows ? 'ring' : 'buffer'} a place of its own`, [data.main]: first.size <= first.bound ? 'optimal: no plan is smaller' : verdict(first), 'lower bound': 'no plan can be smaller' };
  element('sizes').innerHTML = Object.entries(data.sizesShown).map(([name, size]) => {
    const tone = name === data.main ? (first.size <= first.bound ? ' good' : ' fair') : '';
    return `<div class="${name === data.main ? 'arena' : ''}"><dt>${name}</dt><dd>${short(size)} <span>${bytes(size)}</span></dd><dd class="note${tone}">${notes[name]}</dd>`
      + `<i style="width: ${most ? 100 * size / most : 0}%"></i></div>`;
  }).join('');
  element('heading').textContent = data.title;
  element('facts').textContent = data.facts.join(' · ');
  element('about').innerHTML = data.about.map(escaped).join('<br>');
  element('legend').innerHTML = KINDS.filter((_, kind) => data.kinds.includes(kind))
    .map(name => `<span><i class="kind ${name}"></i>${data.kindTexts[name]}</span>`).join('')
    + '<span><i class="kind bound"></i>lower bound</span>';
}
