// What a person does to the picture.

const element = id => document.getElementById(id);
let pending = 0;
const redraw = () => { if (!pending) pending = requestAnimationFrame(() => { pending = 0; draw(); }); };
const inside = (box, x, y) => box.left <= x && x <= box.left + box.width && box.top <= y && y <= box.top + box.height;
const stepAt = (box, x, y) => Math.floor(state.s0 + (state.s1 - state.s0) * (state.swap ? (x - box.left) / box.width : (y - box.top) / box.height));
const byteAt = (box, x, y) => state.b0 + (state.b1 - state.b0) * (state.swap ? (box.top + box.height - y) / box.height : (x - box.left) / box.width);
const point = event => { const frame = canvas.getBoundingClientRect(); return [event.clientX - frame.left, event.clientY - frame.top]; };

/** The buffer under a point and the panel it is in. */
function hit(x, y) {
  const box = panels.find(panel => inside(panel, x, y));
  if (!box) return null;
  const step = stepAt(box, x, y), byte = byteAt(box, x, y), plan = data.plans[box.plan];
  for (let index = 0; index < count; index++) {
    const low = plan.offsets[index];
    if (low <= byte && byte < low + data.sizes[index] && intervals(index).some(([start, end]) => start <= step && step < end)) {
      return { index, plan };
    }
  }
  return null;
}

/** The middle of a buffer's first rectangle in the first panel, in the canvas. */
function middle(index) {
  const [start, end] = intervals(index)[0], offset = data.plans[panels[0].plan].offsets[index];
  const [x, y, w, h] = place(panels[0], start, end, offset, offset + data.sizes[index]);
  return [x + w / 2, y + h / 2];
}

function clampRange(low, high, least, most, smallest) {
  const size = Math.min(Math.max(high - low, smallest), most - least);
  const from = Math.min(Math.max(low, least), most - size);
  return [from, from + size];
}

function moveTo(s0, s1, b0, b1) {
  [state.s0, state.s1] = clampRange(s0, s1, firstStep, lastStep, Math.min(2, lastStep - firstStep));
  [state.b0, state.b1] = clampRange(b0, b1, 0, room(), 64);
  redraw();
}

function zoom(steps, sizes, atStep, atByte) {
  moveTo(atStep + (state.s0 - atStep) * steps, atStep + (state.s1 - atStep) * steps,
    atByte + (state.b0 - atByte) * sizes, atByte + (state.b1 - atByte) * sizes);
}

function showStep(step) {
  state.step = Math.min(Math.max(step, firstStep), lastStep - 1);
  state.buffer = null;
  const found = aliveIn(state.step), total = found.reduce((sum, index) => sum + data.sizes[index], 0);
  const plan = data.plans[panels[0].plan];
  const rows = found.slice(0, 1000).map(index =>
    `<tr data-buffer="${index}"><td>${data.sizes[index].toLocaleString('en-US')}</td><td>${plan.offsets[index].toLocaleString('en-US')}</td><td>${escaped(data.ids[index])}</td></tr>`);
  const more = found.length > rows.length ? `<p>and ${found.length - rows.length} more</p>` : '';
  element('aside').innerHTML = `<h2>${escaped(stepText(state.step))}<br>${found.length} alive, ${bytes(total)}${state.step === alive.peak ? ', the peak' : ''}</h2>`
    + `<table><tr><th>size</th><th>offset</th><th>buffer</th></tr>${rows.join('')}</table>${more}`;
  if (state.step < state.s0 || state.step >= state.s1) {
    const half = (state.s1 - state.s0) / 2;
    moveTo(state.step - half, state.step + half, state.b0, state.b1);
  }
  redraw();
}

function showBuffer(index) {
  state.buffer = index;
  const [head, ...lines] = describe(index, data.plans[panels[0].plan]);
  element('aside').innerHTML = `<h2>${escaped(head)}</h2>${lines.map(line => `<p>${escaped(line)}</p>`).join('')}`;
  const steps = state.s1 - state.s0, sizes = state.b1 - state.b0, offset = data.plans[panels[0].plan].offsets[index];
  const middleStep = (data.starts[index] + data.ends[index]) / 2, middleByte = offset + data.sizes[index] / 2;
  const visible = data.starts[index] >= state.s0 && data.ends[index] <= state.s1 && offset >= state.b0 && offset + data.sizes[index] <= state.b1;
  if (visible) redraw();
  else moveTo(middleStep - steps / 2, middleStep + steps / 2, middleByte - sizes / 2, middleByte + sizes / 2);
}

let turn = 0;
function search(words, next) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) {
    state.matches = null;
    element('found').textContent = '';
    redraw();
    return;
  }
  const found = [];
  for (let index = 0; index < count; index++) {
    const others = data.aliases[index] || [];
    if (data.ids[index].toLowerCase().includes(wanted) || others.some(name => name.toLowerCase().includes(wanted))) found.push(index);
  }
  state.matches = new Set(found);
  turn = next && found.length ? (turn + 1) % found.length : 0;
  element('found').textContent = found.length ? `${turn + 1} of ${found.length}` : 'none';
  if (found.length) showBuffer(found[turn]);
  else redraw();
}

function clear() {
  Object.assign(state, { step: null, buffer: null, matches: null });
  element('search').value = element('found').textContent = element('aside').innerHTML = '';
  redraw();
}

const actions = {
  s: () => { state.swap = !state.swap; redraw(); },
  d: () => { document.documentElement.classList.toggle('dark'); redraw(); },
  p: () => showStep(alive.peak),
  0: () => moveTo(firstStep, lastStep, 0, room()),
  j: () => showStep(state.step === null ? firstStep : state.step + 1),
  k: () => showStep(state.step === null ? lastStep - 1 : state.step - 1),
  '/': () => element('search').focus(),
  '+': () => zoom(0.7, 0.7, (state.s0 + state.s1) / 2, (state.b0 + state.b1) / 2),
  '-': () => zoom(1.4, 1.4, (state.s0 + state.s1) / 2, (state.b0 + state.b1) / 2),
  Escape: clear,
};
const pan = (steps, sizes) => {
  const s = (state.s1 - state.s0) * steps / 8, b = (state.b1 - state.b0) * sizes / 8;
  moveTo(state.s0 + s, state.s1 + s, state.b0 + b, state.b1 + b);
};
actions.ArrowUp = () => state.swap ? pan(0, 1) : pan(-1, 0);
actions.ArrowDown = () => state.swap ? pan(0, -1) : pan(1, 0);
actions.ArrowLeft = () => state.swap ? pan(-1, 0) : pan(0, -1);
actions.ArrowRight = () => state.swap ? pan(1, 0) : pan(0, 1);

document.addEventListener('keydown', event => {
  const typing = event.target === element('search');
  if (event.ctrlKey || event.metaKey || event.altKey || (typing && event.key !== 'Escape')) return;
  const action = actions[event.key === '=' ? '+' : event.key];
  if (!action) return;
  event.preventDefault();
  if (typing) event.target.blur();
  action();
});
element('search').addEventListener('input', event => search(event.target.value, false));
element('search').addEventListener('keydown', event => { if (event.key === 'Enter') search(event.target.value, true); });
for (const [id, key] of [['swap', 's'], ['theme', 'd'], ['peak', 'p'], ['reset', '0']]) element(id).addEventListener('click', actions[key]);
element('aside').addEventListener('click', event => {
  const row = event.target.closest('tr[data-buffer]');
  if (row) showBuffer(Number(row.dataset.buffer));
});

canvas.addEventListener('wheel', event => {
  const [x, y] = point(event), box = panels.find(panel => inside(panel, x, y)) || panels[0];
  const factor = Math.exp(event.deltaY * 0.0015);
  event.preventDefault();
  zoom(event.shiftKey ? 1 : factor, event.shiftKey || event.ctrlKey ? factor : 1, stepAt(box, x, y), byteAt(box, x, y));
}, { passive: false });

let drag = null;
canvas.addEventListener('pointerdown', event => {
  drag = { from: point(event), moved: false, s0: state.s0, s1: state.s1, b0: state.b0, b1: state.b1 };
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener('pointermove', event => {
  const [x, y] = point(event), tip = element('tip');
  if (drag) {
    const [fromX, fromY] = drag.from, box = panels[0];
    drag.moved = drag.moved || Math.hypot(x - fromX, y - fromY) > 4;
    if (!drag.moved) return;
    const right = (x - fromX) / box.width, down = (y - fromY) / box.height;
    const steps = -(state.swap ? right : down) * (drag.s1 - drag.s0), sizes = (state.swap ? down : -right) * (drag.b1 - drag.b0);
    moveTo(drag.s0 + steps, drag.s1 + steps, drag.b0 + sizes, drag.b1 + sizes);
  }
  const under = drag ? null : hit(x, y);
  tip.hidden = !under;
  if (under) {
    tip.textContent = describe(under.index, under.plan).join('\n');
    tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 6) + 'px';
    tip.style.top = Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 6) + 'px';
  }
});
canvas.addEventListener('pointerup', event => {
  const [x, y] = point(event), clicked = drag && !drag.moved, box = [...panels, curve].find(each => inside(each, x, y));
  drag = null;
  if (clicked && box) showStep(stepAt(box, x, y));
  else if (clicked && !state.swap && x < curve.left) showStep(stepAt(curve, x, y));
});
canvas.addEventListener('pointerleave', () => { element('tip').hidden = true; });

function begin() {
  const sizes = Object.entries(data.summary).map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`);
  element('sizes').innerHTML = sizes.join('');
  element('legend').innerHTML = KINDS.filter((_, kind) => data.kinds.includes(kind))
    .map(name => `<span><i style="background: var(--${name})"></i>${data.kindTexts[name]}</span>`).join('');
  data.plans.forEach((plan, i) => {
    const button = document.createElement('button');
    button.textContent = plan.name;
    button.setAttribute('aria-pressed', state.shown[i]);
    button.addEventListener('click', () => {
      if (state.shown[i] && state.shown.filter(Boolean).length === 1) return;
      state.shown[i] = !state.shown[i];
      button.setAttribute('aria-pressed', state.shown[i]);
      moveTo(state.s0, state.s1, 0, room());
    });
    element('strategies').append(button);
  });
  if (data.plans.length < 2) element('strategies').hidden = true;
  if (matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.classList.add('dark');
  let dark = false;
  addEventListener('beforeprint', () => { dark = document.documentElement.classList.contains('dark'); document.documentElement.classList.remove('dark'); draw(); });
  addEventListener('afterprint', () => { document.documentElement.classList.toggle('dark', dark); redraw(); });
  new ResizeObserver(redraw).observe(canvas);
  draw();
  showStep(alive.peak);
}
begin();
