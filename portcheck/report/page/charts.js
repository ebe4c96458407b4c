// Bars and ranges as pictures; the numbers stand in the cells beside them.
const WIDTH = 240;

function legend(works) {
  return h("ul", { class: "legend" }, works.map((work) => h("li", {}, h("span", { class: `swatch work-${work}`, "aria-hidden": "true" }), work, h("span", { class: "quiet" }, ` ${DATA.words.work[work]}`))));
}

function workWords(work) {
  return WORKS.filter((name) => work[name]).map((name) => `${number(work[name])} ${name}`).join(", ") || "nothing";
}

// Places by kind of work, one after the other; `most` is what the whole width stands for.
function stacked(work, most) {
  const shown = WORKS.filter((name) => name !== "none" && work[name]);
  let at = 0;
  const parts = shown.map((name) => {
    const width = (WIDTH * work[name]) / (most || 1);
    const part = s("rect", { x: at, y: 0, width: Math.max(width, 1), height: 16, class: `work-${name}` }, s("title", {}, `${name}: ${number(work[name])}`));
    at += width;
    return part;
  });
  return s("svg", { class: "bars", viewBox: `0 0 ${WIDTH} 16`, preserveAspectRatio: "none", role: "img", "aria-label": workWords(work) }, parts);
}

// A line from low to high with a mark at what is likely, from `start` on.
function ranged(range, most, start = 0, words = "") {
  const at = (value) => (WIDTH * (start + value)) / (most || 1);
  const label = `${words}${span(range)}, likely ${number(about(range.likely))}`;
  return s("svg", { class: "ranges", viewBox: `0 0 ${WIDTH} 20`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    s("title", {}, label),
    s("rect", { x: at(0), y: 8.5, width: Math.max(at(range.high) - at(0), 1), height: 3, class: "reach" }),
    s("rect", { x: at(range.low), y: 4, width: Math.max(at(range.likely) - at(range.low), 2), height: 12, class: "likely" }));
}

function ticks(most) {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = Math.max([1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) || power, 1);
  const found = [];
  for (let value = 0; value <= most; value += step) found.push(value);
  return found;
}
