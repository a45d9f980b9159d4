/* The picture to move of the lesson on convolution: im2col forward and backward, step by
   step. It shows arrays that the lesson recorded and computes no convolution of its own.
   Without JavaScript the lesson's still picture stands in its place. */
"use strict";

/* Return the steps: what is said, the numbers that stand in each table, and the cells,
   counted in reading order, that the step is about. */
function stepsOf(recorded) {
  const { x, col, kernel, y, dy, dcol, dx, places } = recorded;
  const windows = places.map((_, window) => window);
  const row = (window) => kernel.map((_, tap) => window * kernel.length + tap);
  const list = (numbers) => numbers.join(", ");
  const steps = [];
  // What a step does not name stays as it was at the step before.
  const add = (says, filled, now = {}, window = null) =>
    steps.push({ says, filled: { ...steps.at(-1)?.filled, ...filled }, now, window });

  add("Each window of x is a row of im2col(x), and dy goes back along the same rows. " +
    "Press Next to see it step by step.",
    { x, kernel, y, dy, col: col.flat(), dcol: dcol.flat(), dx: dx.at(-1) });
  add("A picture x, and a kernel w laid out as one column.",
    { col: [], y: [], dx: [], dcol: [], dy: [] }, { x: x.map((_, place) => place) });
  for (const window of windows)
    add(`Forward: window ${window + 1} of ${windows.length}, ${list(col[window])}, ` +
      `becomes row ${window + 1} of im2col(x).`,
      { col: col.slice(0, window + 1).flat() },
      { x: places[window], col: row(window) }, window);
  for (const window of windows)
    add(`Forward: kernel times row ${window + 1} is output ${window + 1}: ` +
      kernel.map((k, tap) => `${k}·${col[window][tap]}`).join(" + ") +
      ` = ${y[window]}.`,
      { y: y.slice(0, window + 1) },
      { col: row(window), kernel: row(0), y: [window] });
  add(`Backward: the loss sends dy, a number for each output: ${list(dy)}.`,
    { dy }, { dy: windows });
  for (const window of windows)
    add(`Backward: ${dy[window]}, the dy of output ${window + 1}, times the kernel is ` +
      `row ${window + 1} of dcol: ${list(dcol[window])}.`,
      { dcol: dcol.slice(0, window + 1).flat() },
      { dy: [window], "kernel again": row(0), dcol: row(window) });
  for (const window of windows)
    add(`Backward: row ${window + 1} is added to dx at the pixels of window ` +
      `${window + 1}. There dx is now ` +
      `${list(places[window].map((place) => dx[window + 1][place]))}.`,
      { dx: dx[window + 1] },
      { dcol: row(window), dx: places[window] }, window);
  return steps;
}

/* The tables, in the order in which they stand: name, columns, the words below, and how
   many cells belong to one window and share its colour. */
const FORWARD = [
  ["x", 3, "x"], ["col", 4, "\u2192 im2col(x)", 4], ["kernel", 1, "\u00b7 w"], ["y", 2, "= y", 1]];
const BACKWARD = [
  ["dx", 3, "dx \u2190"], ["dcol", 4, "dcol =", 4], ["kernel again", 1, "w \u00b7"],
  ["dy", 2, "dy", 1]];

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function tableOf([name, columns, words, cells], length, step) {
  const table = element("table", {}, element("caption", {}, words));
  const numbers = step.filled[name] ?? step.filled.kernel;
  for (let place = 0; place < length; place++) {
    if (place % columns === 0) table.insertRow();
    const cell = table.rows[table.rows.length - 1].insertCell();
    cell.textContent = numbers[place] ?? "";
    const now = step.now[name]?.includes(place);
    const window = cells ? Math.floor(place / cells) : now ? step.window : null;
    if (place in numbers && window !== null) cell.classList.add(`window-${window}`);
    if (now) cell.classList.add("now");
  }
  return table;
}

function showSteps(data) {
  const recorded = JSON.parse(data.textContent);
  const steps = stepsOf(recorded);
  const lengths = Object.fromEntries(
    Object.entries(steps[0].filled).map(([name, numbers]) => [name, numbers.length]));
  lengths["kernel again"] = lengths.kernel;

  const says = element("p", { className: "says" });
  says.setAttribute("role", "status");
  const forward = element("div", { className: "tables" });
  const backward = element("div", { className: "tables" });
  const slider = element("input", { type: "range", min: 0, max: steps.length - 1, value: 0 });
  slider.setAttribute("aria-label", "Step");
  const back = element("button", { type: "button" }, "Back");
  const next = element("button", { type: "button" }, "Next");

  function show(number) {
    const step = steps[number];
    slider.value = number;
    slider.setAttribute("aria-valuetext", `${number + 1} of ${steps.length}`);
    // Not disabled: a disabled button would lose the keyboard's focus.
    back.setAttribute("aria-disabled", number === 0);
    next.setAttribute("aria-disabled", number === steps.length - 1);
    says.textContent = `${number + 1}/${steps.length} ${step.says}`;
    for (const [row, names] of [[forward, FORWARD], [backward, BACKWARD]])
      row.replaceChildren(...names.map((name) => tableOf(name, lengths[name[0]], step)));
  }
  const go = (by) => show(Math.max(0, Math.min(steps.length - 1, Number(slider.value) + by)));
  back.onclick = () => go(-1);
  next.onclick = () => go(1);
  slider.oninput = () => go(0);

  const controls = element("div", { className: "controls" }, back, slider, next);
  const picture = element("div", { className: "im2col" }, says, controls,
    element("p", {}, "Forward, from left to right"), forward,
    element("p", {}, "Backward, from right to left"), backward,
    element("p", { className: "source" }, recorded.caption));
  picture.setAttribute("role", "group");
  picture.setAttribute("aria-label", "im2col forward and backward, step by step");
  const plots = [...document.querySelectorAll("article a.plot")].filter((plot) =>
    data.compareDocumentPosition(plot) & Node.DOCUMENT_POSITION_PRECEDING);
  plots.at(-1).replaceWith(picture);
  show(0);
}

const data = document.getElementById("im2col-steps");
if (data) showSteps(data);
