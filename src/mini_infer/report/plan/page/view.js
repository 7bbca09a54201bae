// What a person does to the picture.

let pending = null;
/** Draw in the next frame; once, and only the marks where nothing else changed. */
function redraw(action = draw) {
  if (pending === null) requestAnimationFrame(() => { const wanted = pending; pending = null; wanted(); });
  if (pending !== draw) pending = action;
}
const remark = () => redraw(mark);
const inside = (box, x, y) => box.left <= x && x <= box.left + box.width && box.top <= y && y <= box.top + box.height;
const stepAt = (box, x, y) => Math.floor(state.s0 + (state.s1 - state.s0) * (state.swap ? (x - box.left) / box.width : (y - box.top) / box.height));
const byteAt = (box, x, y) => box.low + (box.high - box.low) * (state.swap ? (box.top + box.height - y) / box.height : (x - box.left) / box.width);
const point = event => { const frame = marks.getBoundingClientRect(); return [event.clientX - frame.left, event.clientY - frame.top]; };
const shownPlan = () => data.plans[state.shown.indexOf(true)];

/** The step under a point of the curve, of the names or of a panel; null elsewhere. */
function stepUnder(x, y) {
  const box = [curve, ...panels].find(each => inside(each, x, y)) || (!state.swap && x < curve.left && inside(curve, curve.left, y) ? curve : null);
  return box && Math.min(Math.max(stepAt(box, x, y), firstStep), lastStep - 1);
}

/** The buffer under a point and its plan. */
function hit(x, y) {
  const box = panels.find(panel => inside(panel, x, y));
  if (!box) return null;
  const step = stepAt(box, x, y), byte = byteAt(box, x, y), plan = data.plans[box.plan];
  for (let index = 0; index < count; index++) {
    const low = plan.offsets[index];
    if (low <= byte && byte < low + data.sizes[index] && livesIn(index, step)) return { index, plan };
  }
  return null;
}

/** The middle of a buffer's first rectangle in the first panel. */
function middle(index) {
  const [x, y, w, h] = places(panels[0], index)[0];
  return [x + w / 2, y + h / 2];
}

function clampRange(low, high, least, most, smallest) {
  const size = Math.min(Math.max(high - low, smallest), most - least), from = Math.min(Math.max(low, least), most - size);
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
  state.alive = aliveIn(state.step);
  element('aside').innerHTML = stepText(state.step, state.alive, shownPlan());
  element('aside').scrollTop = 0;
  const half = (state.s1 - state.s0) / 2;
  if (state.step < state.s0 || state.step >= state.s1) moveTo(state.step - half, state.step + half, state.b0, state.b1);
  else remark();
}

function showBuffer(index) {
  state.buffer = index;
  state.alive = [];
  const plan = shownPlan(), low = plan.offsets[index], high = low + data.sizes[index];
  element('aside').innerHTML = bufferText(index, plan);
  const steps = (state.s1 - state.s0) / 2, sizes = (state.b1 - state.b0) / 2;
  const atStep = (data.starts[index] + data.ends[index]) / 2, atByte = (low + high) / 2;
  if (data.starts[index] >= state.s0 && data.ends[index] <= state.s1 && (state.own || (low >= state.b0 && high <= state.b1))) remark();
  else moveTo(atStep - steps, atStep + steps, atByte - sizes, atByte + sizes);
}

let turn = 0;
function search(words, next) {
  const found = words.trim() ? matching(words) : [];
  state.matches = words.trim() ? new Set(found) : null;
  turn = next && found.length ? (turn + 1) % found.length : 0;
  element('found').textContent = found.length ? `${turn + 1} of ${found.length}` : state.matches ? 'none' : '';
  if (found.length) showBuffer(found[turn]);
  redraw();
}

function clear() {
  Object.assign(state, { step: null, buffer: null, matches: null, alive: [] });
  element('search').value = element('found').textContent = '';
  element('aside').innerHTML = data.rows ? ringsText() : '';
  redraw();
}

/** Where the whole plan was left. */
let left = null;

/** Open the rings of a step, if it streams. */
function openStream(step) {
  if (data !== whole || !whole.streams[step]) return;
  left = { ...state };
  turnTo(whole.streams[step]);
  clear();
}

/** Go back to the whole plan, where it was left. */
function closeStream() {
  if (data === whole) return;
  const { swap, own } = state;
  turnTo(whole);
  clear();
  Object.assign(state, left, { swap, own, hover: null, matches: null });
  showStrategies();
  if (left.buffer !== null) showBuffer(left.buffer); else if (left.step !== null) showStep(left.step);
  redraw();
}

function turnTo(chosen) {
  choose(chosen);
  look();
  element('up').hidden = data === whole;
  showSizes();
  showStrategies();
}

function press(id, pressed) { element(id).setAttribute('aria-pressed', pressed); }
const centre = () => [(state.s0 + state.s1) / 2, (state.b0 + state.b1) / 2];
function pan(steps, sizes) {
  const s = (state.s1 - state.s0) * steps / 8, b = (state.b1 - state.b0) * sizes / 8;
  moveTo(state.s0 + s, state.s1 + s, state.b0 + b, state.b1 + b);
}

const actions = {
  s: () => { state.swap = !state.swap; press('swap', state.swap); redraw(); },
  f: () => { state.own = !state.own; press('scale', state.own); redraw(); },
  d: () => { document.documentElement.classList.toggle('dark'); redraw(); },
  p: () => showStep(alive.peak),
  0: () => moveTo(firstStep, lastStep, 0, room()),
  j: () => showStep(state.step === null ? firstStep : state.step + 1),
  k: () => showStep(state.step === null ? lastStep - 1 : state.step - 1),
  o: () => openStream(state.step),
  u: closeStream,
  '/': () => element('search').focus(),
  '?': () => element('help').showModal(),
  '+': () => zoom(0.7, 0.7, ...centre()),
  '-': () => zoom(1.4, 1.4, ...centre()),
  Escape: clear,
  ArrowUp: () => state.swap ? pan(0, 1) : pan(-1, 0),
  ArrowDown: () => state.swap ? pan(0, -1) : pan(1, 0),
  ArrowLeft: () => state.swap ? pan(-1, 0) : pan(0, -1),
  ArrowRight: () => state.swap ? pan(1, 0) : pan(0, 1),
};

document.addEventListener('keydown', event => {
  const typing = event.target === element('search');
  if (event.ctrlKey || event.metaKey || event.altKey || element('help').open || (typing && event.key !== 'Escape')) return;
  const action = actions[event.key === '=' ? '+' : event.key];
  if (!action) return;
  event.preventDefault();
  if (typing) event.target.blur();
  action();
});
element('search').addEventListener('input', event => search(event.target.value, false));
element('search').addEventListener('keydown', event => { if (event.key === 'Enter') search(event.target.value, true); });
for (const [id, key] of [['swap', 's'], ['scale', 'f'], ['theme', 'd'], ['peak', 'p'], ['reset', '0'], ['keys', '?'], ['up', 'u']]) element(id).addEventListener('click', actions[key]);
element('aside').addEventListener('click', event => {
  const row = event.target.closest('[data-buffer]'), step = event.target.closest('[data-step]'), stream = event.target.closest('[data-open]');
  if (stream) openStream(Number(stream.dataset.open));
  else if (event.target.closest('[data-rings]')) clear();
  else if (step) showStep(Number(step.dataset.step));
  else if (row) showBuffer(Number(row.dataset.buffer));
});

marks.addEventListener('wheel', event => {
  const [x, y] = point(event), box = panels.find(panel => inside(panel, x, y)) || panels[0], factor = Math.exp(event.deltaY * 0.0015);
  event.preventDefault();
  zoom(event.shiftKey ? 1 : factor, event.shiftKey || event.ctrlKey ? factor : 1, stepAt(box, x, y),
    byteAt(box, x, y) * (state.b1 - state.b0) / (box.high - box.low));
}, { passive: false });

let drag = null;
marks.addEventListener('pointerdown', event => {
  drag = { from: point(event), moved: false, s0: state.s0, s1: state.s1, b0: state.b0, b1: state.b1 };
  marks.setPointerCapture(event.pointerId);
});
marks.addEventListener('pointermove', event => {
  const [x, y] = point(event);
  if (drag) {
    const [fromX, fromY] = drag.from, box = panels[0];
    drag.moved = drag.moved || Math.hypot(x - fromX, y - fromY) > 4;
    if (!drag.moved) return;
    const right = (x - fromX) / box.width, down = (y - fromY) / box.height;
    const steps = -(state.swap ? right : down) * (drag.s1 - drag.s0), sizes = (state.swap ? down : -right) * (drag.b1 - drag.b0);
    moveTo(drag.s0 + steps, drag.s1 + steps, drag.b0 + sizes, drag.b1 + sizes);
  }
  showTip(event, drag ? null : hit(x, y), drag ? null : stepUnder(x, y));
});
marks.addEventListener('pointerup', event => {
  const step = stepUnder(...point(event)), clicked = drag && !drag.moved;
  drag = null;
  if (clicked && step !== null) showStep(step);
});
marks.addEventListener('dblclick', event => openStream(stepUnder(...point(event))));
marks.addEventListener('pointercancel', () => { drag = null; });
marks.addEventListener('pointerleave', event => showTip(event, null, null));

function showTip(event, under, step) {
  const tip = element('tip'), onPanel = panels.some(box => inside(box, ...point(event)));
  const hovered = under ? under.index : null;
  if (hovered !== state.hover) { state.hover = hovered; remark(); }
  tip.hidden = !under && (step === null || onPanel);
  if (tip.hidden) return;
  tip.innerHTML = under ? bufferText(under.index, under.plan) : stepTip(step);
  const x = event.clientX + 16, y = event.clientY + 16;
  tip.style.left = Math.max(6, Math.min(x, innerWidth - tip.offsetWidth - 6)) + 'px';
  tip.style.top = Math.max(6, y + tip.offsetHeight < innerHeight ? y : event.clientY - tip.offsetHeight - 12) + 'px';
}

function showStrategies() {
  element('strategies').innerHTML = '';
  data.plans.forEach((plan, i) => {
    const button = document.createElement('button');
    button.innerHTML = `${escaped(plan.name)} <small>${short(plan.size)}</small>`;
    button.title = `show or hide the plan of ${plan.name}: ${verdict(plan)}`;
    button.setAttribute('aria-pressed', state.shown[i]);
    button.addEventListener('click', () => {
      if (state.shown[i] && state.shown.filter(Boolean).length === 1) return;
      state.shown[i] = !state.shown[i];
      button.setAttribute('aria-pressed', state.shown[i]);
      element('scale').hidden = state.shown.filter(Boolean).length < 2;
      moveTo(state.s0, state.s1, 0, room());
    });
    element('strategies').append(button);
  });
  element('scale').hidden = state.shown.filter(Boolean).length < 2;
  element('strategies').hidden = data.plans.length < 2;
}

/** Of the picture on a landscape page, as if it were on the screen. */
const PAPER = [1120, 580];

/** On paper: light, sharp, and with the marks in the picture. */
function print() {
  const root = document.documentElement, dark = root.classList.contains('dark');
  root.classList.remove('dark');
  draw(3, PAPER);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.drawImage(marks, 0, 0);
  addEventListener('afterprint', () => { root.classList.toggle('dark', dark); redraw(); }, { once: true });
}

function begin() {
  if (matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.classList.add('dark');
  showSizes();
  showStrategies();
  addEventListener('beforeprint', print);
  new ResizeObserver(() => redraw()).observe(element('picture'));
  draw();
  showStep(alive.peak);
}
begin();
