// The picture: node names, the curve of bytes alive, and a panel per plan; on a second canvas above it what is marked.

const canvas = document.getElementById('canvas'), marks = document.getElementById('marks');
const pen = canvas.getContext('2d'), marker = marks.getContext('2d');
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const GAP = 16, HEAD = 54, FOOT = 10, SIDE = 60, STEPS = 18, SHADES = [1, 0.91, 0.83];
const state = { swap: false, own: false };
let colors = {}, panels = [], curve = null;

/** Bytes that hold every plan shown, and a little room. */
const room = () => 1.02 * Math.max(64, ...data.plans.filter((_, i) => state.shown[i]).map(plan => plan.size));

/** Look at all of what is shown, and at nothing in particular. */
function look() {
  state.shown = data.plans.map((_, i) => i === 0);
  Object.assign(state, { s0: firstStep, s1: lastStep, b0: 0, b1: room() }); // steps and bytes in view
  Object.assign(state, { step: null, buffer: null, hover: null, matches: null, alive: [] });
}
look();

/** Where things are: recomputed before every drawing. */
function layOut(width, height) {
  const shown = data.plans.map((_, i) => i).filter(i => state.shown[i]), gaps = GAP * shown.length;
  if (state.swap) {
    const deep = Math.max(40, Math.min(130, height / 5)), inner = width - SIDE - GAP;
    const each = (height - HEAD - deep - FOOT - STEPS - (GAP + HEAD) * shown.length) / shown.length;
    curve = { left: SIDE, top: HEAD, width: inner, height: deep };
    panels = shown.map((plan, i) => ({ plan, left: SIDE, top: HEAD + deep + GAP + HEAD + i * (each + GAP + HEAD), width: inner, height: Math.max(each, 20) }));
  } else {
    const names = data.nodes.length && width > 560 ? Math.min(380, width * 0.24) : 56;
    const wide = Math.max(40, Math.min(130, width / 8)), each = (width - names - wide - gaps - GAP) / shown.length;
    const tall = Math.max(height - HEAD - FOOT, 20);
    curve = { left: names, top: HEAD, width: wide, height: tall };
    panels = shown.map((plan, i) => ({ plan, left: names + wide + GAP + i * (each + GAP), top: HEAD, width: Math.max(each, 20), height: tall }));
  }
  for (const box of panels) {
    const zoom = state.own ? 1.02 * Math.max(64, data.plans[box.plan].size) / room() : 1;
    [box.low, box.high] = [state.b0 * zoom, state.b1 * zoom];
  }
}

const along = (box, step) => state.swap
  ? box.left + (step - state.s0) / (state.s1 - state.s0) * box.width
  : box.top + (step - state.s0) / (state.s1 - state.s0) * box.height;
const across = (box, byte) => state.swap
  ? box.top + box.height - (byte - box.low) / (box.high - box.low) * box.height
  : box.left + (byte - box.low) / (box.high - box.low) * box.width;

/** The rectangle of some steps and bytes in a panel: x, y, width, height. */
function place(box, start, end, low, high) {
  const a = along(box, start), b = along(box, end), c = across(box, low), d = across(box, high);
  return state.swap ? [a, d, b - a, c - d] : [c, a, d - c, b - a];
}

/** The rectangles of a buffer in a panel, one for each interval of its life. */
function places(box, index) {
  const low = data.plans[box.plan].offsets[index];
  return intervals(index).map(([start, end]) => place(box, start, end, low, low + data.sizes[index]));
}

function fit(surface, brush, scale, [width, height]) {
  surface.width = width * scale;
  surface.height = height * scale;
  brush.setTransform(scale, 0, 0, scale, 0, 0);
  brush.textBaseline = 'middle';
}

const onScreen = () => [canvas.clientWidth, canvas.clientHeight];

function draw(scale = window.devicePixelRatio || 1, size = onScreen()) {
  const style = getComputedStyle(document.documentElement);
  const names = ['back', 'text', 'faint', 'line', 'panel', 'mark', 'good', 'fair', 'curve', 'bound', 'label', ...KINDS];
  colors = Object.fromEntries(names.map(name => [name, style.getPropertyValue('--' + name).trim()]));
  fit(canvas, pen, scale, size);
  pen.fillStyle = colors.back;
  pen.fillRect(0, 0, ...size);
  layOut(...size);
  drawCurve();
  if (state.swap) drawSteps(); else drawNames();
  panels.forEach(drawPanel);
  mark(scale, size);
}

function clipped(brush, box, action) {
  brush.save();
  brush.beginPath();
  brush.rect(box.left, box.top, box.width, box.height);
  brush.clip();
  action();
  brush.restore();
}

function text(words, x, y, color, room, { align = 'left', weight = '', size = 11, brush = pen } = {}) {
  brush.font = `${weight} ${size}px ${FONT}`;
  brush.fillStyle = color;
  brush.textAlign = align;
  let short = words;
  if (room !== undefined && brush.measureText(words).width > room) {
    let fits = Math.floor(words.length * room / brush.measureText(words).width);
    do {
      const tail = Math.floor(fits / 2);
      short = words.slice(0, fits - tail) + '…' + words.slice(words.length - tail);
    } while (--fits > 1 && brush.measureText(short).width > room);
    if (brush.measureText(short).width > room) return;
  }
  brush.fillText(short, x, y);
}

/** A line across a box at a step, or along it at a byte. */
function line(brush, box, at, isStep, color, dashes = []) {
  brush.strokeStyle = color;
  brush.lineWidth = 1;
  brush.setLineDash(dashes);
  brush.beginPath();
  if (isStep === state.swap) { brush.moveTo(at, box.top); brush.lineTo(at, box.top + box.height); }
  else { brush.moveTo(box.left, at); brush.lineTo(box.left + box.width, at); }
  brush.stroke();
  brush.setLineDash([]);
}

function drawCurve() {
  const box = curve, most = Math.max(alive.most, 1), origin = state.swap ? box.left : box.top;
  const highest = new Float64Array(Math.max(1, Math.ceil(state.swap ? box.width : box.height)));
  alive.at.forEach((step, i) => {
    const until = i + 1 < alive.at.length ? alive.at[i + 1] : step;
    if (until <= state.s0 || step >= state.s1) return;
    const from = Math.floor(along(box, Math.max(step, state.s0)) - origin), to = Math.round(along(box, Math.min(until, state.s1)) - origin);
    for (let p = Math.max(0, from); p < Math.min(highest.length, Math.max(from + 1, to)); p++) highest[p] = Math.max(highest[p], alive.total[i]);
  });
  clipped(pen, box, () => {
    pen.fillStyle = colors.panel;
    pen.fillRect(box.left, box.top, box.width, box.height);
    highest.forEach((value, p) => {
      const size = value / most * ((state.swap ? box.height : box.width) - 2);
      pen.fillStyle = value === alive.most ? colors.mark : colors.curve;
      if (state.swap) pen.fillRect(box.left + p, box.top + box.height - size, 1.2, size);
      else pen.fillRect(box.left + box.width - size, box.top + p, size, 1.2);
    });
  });
  text(box.width < 80 ? 'Alive' : 'Bytes alive', box.left, box.top - 40, colors.text, box.width, { weight: '600', size: 12 });
  text((box.width < 80 ? '' : 'peak ') + short(alive.most), box.left, box.top - 24, colors.mark, box.width + GAP);
}

function drawNames() {
  const box = curve, row = along(box, state.s0 + 1) - along(box, state.s0), every = Math.max(1, Math.ceil(12 / row));
  text(capital(data.unit) + (box.left > 60 ? 's' : ''), 14, box.top - 40, colors.text, box.left - 20, { weight: '600', size: 12 });
  for (let step = Math.ceil(state.s0 / every) * every; step < state.s1; step += every) {
    if (along(box, step + 0.5) > box.top + 4 && along(box, step + 0.5) < box.top + box.height - 2) drawName(step, pen);
  }
}

/** A step's number and node, beside the curve. */
function drawName(step, brush) {
  const box = curve, y = along(box, step + 0.5), wide = 8 + 7 * String(Math.floor(state.s1)).length;
  const top = aliveBytes(step) === alive.most, weight = brush === marker ? '600' : '';
  text(String(step), 8 + wide, y, top ? colors.mark : colors.faint, wide, { align: 'right', weight, brush });
  if (nodeOf(step) && box.left > 100) text(nodeOf(step), 16 + wide, y, top ? colors.mark : colors.text, box.left - wide - 26, { weight, brush });
}

/** With the axes swapped: the steps' numbers under the last panel. */
function drawSteps() {
  const box = panels[panels.length - 1], every = Math.max(1, nice((state.s1 - state.s0) * 60 / box.width));
  for (let step = Math.ceil(state.s0 / every) * every; step < state.s1; step += every) {
    text(String(step), along(box, step + 0.5), box.top + box.height + STEPS / 2, colors.faint, undefined, { align: 'center' });
  }
}

/** The next of 1, 2, 5, 10, 20, 50, … from a value on. */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find(factor => factor * power >= value) * power;
}

function drawTicks(box) {
  const length = state.swap ? box.height : box.width, every = nice((box.high - box.low) * (state.swap ? 40 : 64) / length);
  for (let byte = Math.ceil(box.low / every) * every; byte <= box.high; byte += every) {
    const at = across(box, byte);
    line(pen, box, Math.round(at) + 0.5, false, colors.line);
    if (state.swap) text(short(byte, true), box.left - 6, at, colors.faint, SIDE, { align: 'right', size: 10 });
    else if (at < box.left + box.width - 24) text(short(byte, true), at, box.top - 8, colors.faint, undefined, { align: at < box.left + 14 ? 'left' : 'center', size: 10 });
  }
}

function drawPanel(box) {
  const plan = data.plans[box.plan];
  pen.fillStyle = colors.panel;
  pen.fillRect(box.left, box.top, box.width, box.height);
  drawTicks(box);
  clipped(pen, box, () => {
    const labels = [], wide = Math.ceil(box.width + 1), seen = new Uint8Array(wide * Math.ceil(box.height + 1));
    for (let index = 0; index < count; index++) {
      const low = plan.offsets[index], high = low + data.sizes[index];
      if (high === low || high <= box.low || low >= box.high || data.ends[index] <= state.s0 || data.starts[index] >= state.s1) continue;
      pen.fillStyle = colors[KINDS[data.kinds[index]]];
      pen.globalAlpha = state.matches && !state.matches.has(index) ? 0.13 : SHADES[index % SHADES.length];
      for (const [x, y, w, h] of places(box, index)) {
        if (w < 1 && h < 1) { // many share a pixel: one of them is enough
          const pixel = Math.floor(y - box.top) * wide + Math.floor(x - box.left);
          if (seen[pixel]) continue;
          seen[pixel] = 1;
        }
        pen.fillRect(x, y, Math.max(w - (w > 4 ? 1 : 0), 0.8), Math.max(h - (h > 4 ? 1 : 0), 0.8));
        if (w > 44 && h > 12) labels.push([index, x, y, w, h]);
      }
    }
    for (const [index, x, y, w, h] of labels) {
      const left = Math.max(x, box.left), top = Math.max(y, box.top), bottom = Math.min(y + h, box.top + box.height), wide = Math.min(x + w, box.left + box.width) - left - 10;
      pen.globalAlpha = state.matches && !state.matches.has(index) ? 0.3 : 1;
      if (bottom - top > 34) {
        text(data.ids[index], left + 5, (top + bottom) / 2 - 7, colors.label, wide);
        if (wide > 44) text(short(data.sizes[index]), left + 5, (top + bottom) / 2 + 8, colors.label, wide, { size: 10 });
      } else text(data.ids[index], left + 5, (top + bottom) / 2, colors.label, wide);
    }
    pen.globalAlpha = 1;
    line(pen, box, across(box, plan.bound), false, colors.bound, [5, 4]);
    if (plan.size > plan.bound) line(pen, box, across(box, plan.size), false, colors.mark);
  });
  const name = plan.name + (plan.strategy !== plan.name ? ` (${plan.strategy})` : '') + (plan.pools.length ? `, ${plan.pools.length} pools` : '');
  text(name, box.left, box.top - 40, colors.text, box.width, { weight: '600', size: 12 });
  text(`${short(plan.size)}, ${verdict(plan)}`, box.left, box.top - 24, plan.size <= plan.bound ? colors.good : colors.fair, box.width);
}

/** What changes as the mouse and the keys move: the step, the buffers alive in it, the buffer looked at. */
function mark(scale = window.devicePixelRatio || 1, size = onScreen()) {
  fit(marks, marker, scale, size);
  for (const box of [curve, ...panels]) {
    clipped(marker, box, () => {
      if (state.step !== null) {
        const a = along(box, state.step), b = along(box, state.step + 1);
        marker.globalAlpha = 0.1;
        marker.fillStyle = colors.text;
        if (state.swap) marker.fillRect(a, box.top, Math.max(b - a, 1), box.height); else marker.fillRect(box.left, a, box.width, Math.max(b - a, 1));
        marker.globalAlpha = 1;
        for (const at of [a, b]) line(marker, box, Math.round(at) + 0.5, true, colors.text, [2, 2]);
      }
      if (box === curve) return;
      for (const index of state.alive) outline(box, index, 1, colors.text);
      if (state.hover !== null) outline(box, state.hover, 2, colors.text);
      if (state.buffer !== null) outline(box, state.buffer, 3, colors.mark);
    });
  }
  if (state.step !== null && !state.swap && state.step >= state.s0 && state.step < state.s1) {
    marker.fillStyle = colors.back; // the name of the step chosen, whether or not there is room for every name
    marker.fillRect(0, along(curve, state.step + 0.5) - 8, curve.left - 4, 16);
    drawName(state.step, marker);
  }
}

function outline(box, index, thick, color) {
  marker.strokeStyle = color;
  marker.lineWidth = thick;
  for (const [x, y, w, h] of places(box, index)) marker.strokeRect(x + thick / 2, y + thick / 2, Math.max(w - 1 - thick, 1), Math.max(h - 1 - thick, 1));
}
