// The picture: node names, the curve of bytes alive, and a panel per plan, on one canvas.

const canvas = document.getElementById('canvas');
const pen = canvas.getContext('2d');
const state = {
  shown: data.plans.map((_, i) => i === 0),
  swap: false, s0: firstStep, s1: lastStep, b0: 0, b1: 0,
  step: null, buffer: null, matches: null,
};
/** Bytes that hold every plan shown, and a little room. */
const room = () => 1.02 * Math.max(64, ...data.plans.filter((_, i) => state.shown[i]).map(plan => plan.size));
state.b1 = room();
const KINDS = ['tensor', 'shared', 'workspace'];
const NAMES = 230, CURVE = 130, GAP = 14, HEAD = 34, FOOT = 8, TALLEST_ROW = 48;
let colors = {}, panels = [], curve = null;

/** Where things are: recomputed before every drawing. */
function layOut(width, height) {
  const plans = data.plans.map((_, i) => i).filter(i => state.shown[i]);
  const gaps = GAP * plans.length;
  if (state.swap) {
    const each = (height - HEAD - CURVE - FOOT - gaps - HEAD * (plans.length - 1)) / plans.length;
    curve = { left: GAP, top: HEAD, width: width - 2 * GAP, height: CURVE };
    panels = plans.map((plan, i) => ({ plan, left: GAP, top: HEAD + CURVE + GAP + HEAD / 2 + i * (each + GAP + HEAD), width: width - 2 * GAP, height: each - HEAD / 2 }));
  } else {
    const rows = (state.s1 - state.s0) * TALLEST_ROW, tall = Math.min(height - HEAD - FOOT, rows);
    const names = data.nodes.length ? Math.min(NAMES, width / 4) : 60;
    const each = (width - names - CURVE - GAP - gaps) / plans.length;
    curve = { left: names, top: HEAD, width: CURVE, height: tall };
    panels = plans.map((plan, i) => ({ plan, left: names + CURVE + GAP + i * (each + GAP), top: HEAD, width: each, height: tall }));
  }
}

const along = (box, step) => state.swap
  ? box.left + (step - state.s0) / (state.s1 - state.s0) * box.width
  : box.top + (step - state.s0) / (state.s1 - state.s0) * box.height;
const across = (box, byte) => state.swap
  ? box.top + box.height - (byte - state.b0) / (state.b1 - state.b0) * box.height
  : box.left + (byte - state.b0) / (state.b1 - state.b0) * box.width;

/** The rectangle of some steps and bytes in a panel: x, y, width, height. */
function place(box, start, end, low, high) {
  const a = along(box, start), b = along(box, end), c = across(box, low), d = across(box, high);
  return state.swap ? [a, d, b - a, c - d] : [c, a, d - c, b - a];
}

function draw() {
  const scale = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = width * scale;
  canvas.height = height * scale;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  const style = getComputedStyle(document.documentElement);
  colors = Object.fromEntries(['back', 'text', 'faint', 'line', 'panel', 'mark', 'curve', 'bound', ...KINDS].map(name => [name, style.getPropertyValue('--' + name).trim()]));
  pen.fillStyle = colors.back;
  pen.fillRect(0, 0, width, height);
  pen.font = '11px system-ui, "DejaVu Sans", sans-serif';
  pen.textBaseline = 'middle';
  layOut(width, height);
  drawCurve();
  if (!state.swap) drawNames();
  panels.forEach(drawPanel);
}

function clipped(box, action) {
  pen.save();
  pen.beginPath();
  pen.rect(box.left, box.top, box.width, box.height);
  pen.clip();
  action();
  pen.restore();
}

function band(box, step, color, opacity) {
  const a = along(box, step), b = along(box, step + 1);
  pen.globalAlpha = opacity;
  pen.fillStyle = color;
  if (state.swap) pen.fillRect(a, box.top, Math.max(b - a, 1), box.height);
  else pen.fillRect(box.left, a, box.width, Math.max(b - a, 1));
  pen.globalAlpha = 1;
}

function bands(box) {
  band(box, alive.peak, colors.mark, 0.14);
  if (state.step !== null) band(box, state.step, colors.text, 0.14);
}

function text(words, x, y, color, room, align = 'left') {
  pen.fillStyle = color;
  pen.textAlign = align;
  let short = words;
  if (room && pen.measureText(words).width > room) {
    let fits = Math.floor(words.length * room / pen.measureText(words).width);
    do {
      const tail = Math.floor(fits / 2);
      short = words.slice(0, fits - tail) + '…' + words.slice(words.length - tail);
    } while (--fits > 1 && pen.measureText(short).width > room);
  }
  pen.fillText(short, x, y);
}

function drawCurve() {
  const box = curve, most = Math.max(alive.most, 1), length = state.swap ? box.width : box.height;
  const highest = new Float64Array(Math.max(1, Math.ceil(length)));
  alive.at.forEach((step, i) => {
    const until = i + 1 < alive.at.length ? alive.at[i + 1] : step;
    if (until <= state.s0 || step >= state.s1) return;
    const from = along(box, Math.max(step, state.s0)) - (state.swap ? box.left : box.top);
    const to = along(box, Math.min(until, state.s1)) - (state.swap ? box.left : box.top);
    for (let p = Math.max(0, Math.floor(from)); p < Math.min(highest.length, Math.max(Math.floor(from) + 1, Math.round(to))); p++) {
      highest[p] = Math.max(highest[p], alive.total[i]);
    }
  });
  clipped(box, () => {
    pen.fillStyle = colors.panel;
    pen.fillRect(box.left, box.top, box.width, box.height);
    pen.fillStyle = colors.curve;
    const deep = (state.swap ? box.height : box.width) - 2;
    highest.forEach((value, p) => {
      const size = value / most * deep;
      if (state.swap) pen.fillRect(box.left + p, box.top + box.height - size, 1, size);
      else pen.fillRect(box.left + box.width - size, box.top + p, size, 1);
    });
    bands(box);
  });
  text('bytes alive', box.left, box.top - 22, colors.faint);
  text('at most ' + bytes(alive.most), box.left, box.top - 9, colors.mark);
}

function drawNames() {
  const box = curve, row = along(box, state.s0 + 1) - along(box, state.s0), every = Math.max(1, Math.ceil(12 / row));
  const from = Math.ceil(state.s0 / every) * every;
  for (let step = from; step < state.s1; step += every) {
    const y = along(box, step + 0.5), marked = step === alive.peak ? colors.mark : step === state.step ? colors.text : colors.faint;
    if (y < box.top + 5 || y > box.top + box.height) continue;
    text(nodeOf(step) ? `${step} ${nodeOf(step)}` : String(step), 8, y, marked, box.left - 14);
  }
  text(data.nodes.length ? 'steps' : 'step', 8, box.top - 9, colors.faint);
}

function drawPanel(box) {
  const plan = data.plans[box.plan];
  clipped(box, () => {
    pen.fillStyle = colors.panel;
    pen.fillRect(box.left, box.top, box.width, box.height);
    bands(box);
    const labels = [], seen = new Uint8Array(Math.ceil(box.width + 1) * Math.ceil(box.height + 1)), wide = Math.ceil(box.width + 1);
    KINDS.forEach((name, kind) => {
      pen.fillStyle = colors[name];
      for (let index = 0; index < count; index++) {
        if (data.kinds[index] !== kind || !data.sizes[index]) continue;
        const low = plan.offsets[index], high = low + data.sizes[index];
        if (high <= state.b0 || low >= state.b1 || data.ends[index] <= state.s0 || data.starts[index] >= state.s1) continue;
        for (const [start, end] of intervals(index)) {
          const [x, y, w, h] = place(box, start, end, low, high);
          if (w < 1 && h < 1) { // many share a pixel: one of them is enough
            const pixel = Math.floor(y - box.top) * wide + Math.floor(x - box.left);
            if (seen[pixel]) continue;
            seen[pixel] = 1;
          }
          pen.globalAlpha = state.matches && !state.matches.has(index) ? 0.15 : 1;
          pen.fillRect(x, y, Math.max(w - (w > 4 ? 1 : 0), 0.8), Math.max(h - (h > 4 ? 1 : 0), 0.8));
          if (w > 44 && h > 12) labels.push([index, x, y, w, h]);
        }
      }
    });
    pen.globalAlpha = 1;
    for (const [index, x, y, w, h] of labels) {
      const left = Math.max(x, box.left), top = Math.max(y, box.top), bottom = Math.min(y + h, box.top + box.height);
      text(data.ids[index], left + 4, (top + bottom) / 2, '#ffffff', Math.min(x + w, box.left + box.width) - left - 8);
    }
    if (state.buffer !== null) {
      pen.strokeStyle = colors.text;
      pen.lineWidth = 2;
      for (const [start, end] of intervals(state.buffer)) {
        const [x, y, w, h] = place(box, start, end, plan.offsets[state.buffer], plan.offsets[state.buffer] + data.sizes[state.buffer]);
        pen.strokeRect(x - 1, y - 1, Math.max(w, 2) + 1, Math.max(h, 2) + 1);
      }
    }
    drawLevel(box, plan.bound, colors.bound, [5, 4]);
    if (plan.size > plan.bound) drawLevel(box, plan.size, colors.mark, []);
  });
  const verdict = plan.size <= plan.bound ? 'optimal' : `${((plan.size / plan.bound - 1) * 100).toFixed(1)} % above the lower bound`;
  const pools = plan.pools.length ? `, ${plan.pools.length} pools` : '';
  text(plan.name + (plan.strategy !== plan.name ? ` (${plan.strategy})` : ''), box.left, box.top - 22, colors.text, box.width);
  text(`${bytes(plan.size)}, ${verdict}${pools}`, box.left, box.top - 9, colors.faint, box.width);
}

function drawLevel(box, byte, color, dashes) {
  const at = across(box, byte);
  pen.strokeStyle = color;
  pen.lineWidth = 1;
  pen.setLineDash(dashes);
  pen.beginPath();
  if (state.swap) { pen.moveTo(box.left, at); pen.lineTo(box.left + box.width, at); }
  else { pen.moveTo(at, box.top); pen.lineTo(at, box.top + box.height); }
  pen.stroke();
  pen.setLineDash([]);
}
