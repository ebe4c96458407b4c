// Elements are made of names and texts alone: no text is ever read as markup.
const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false && child !== "") element.append(child);
  }
  return element;
}

const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const s = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
const byId = (id) => document.getElementById(id);

const number = (value) => value.toLocaleString("en-US");
const count = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

function percent(part, whole) {
  if (!part || part === whole) return part ? "100%" : "0%";
  return `${Math.min(Math.max(Math.round((100 * part) / whole), 1), 99)}%`;
}

// An estimate is shown no finer than it is: two digits from 100 on, steps of 5 from 20 on.
function about(value) {
  let step = 1;
  if (value >= 100) step = 10 ** (String(Math.trunc(value)).length - 2);
  else if (value >= 20) step = 5;
  return step * Math.trunc(value / step + 0.5);
}

function span(range) {
  if (!range) return "–";
  const [low, high] = [about(range.low), about(range.high)];
  return low === high ? number(low) : `${number(low)}–${number(high)}`;
}

const dash = (value) => (value ? number(value) : h("span", { class: "none" }, "–"));

function section(id, title, lead, ...children) {
  const heading = h("h2", { id: `${id}-title` }, title);
  const intro = lead ? h("p", { class: "lead" }, lead) : null;
  return h("section", { id, "aria-labelledby": `${id}-title` }, heading, intro, ...children);
}

// Columns are [title, class]; a class `num` holds numbers.
function table(caption, columns, rows, attributes = {}) {
  const head = columns.map(([title, kind]) => h("th", { scope: "col", class: kind }, title));
  const body = rows.map((cells) =>
    h("tr", {}, cells.map((cell, place) => h(place ? "td" : "th", { class: columns[place][1], scope: place ? null : "row" }, cell)))
  );
  const whole = h("table", attributes, h("caption", { class: "unseen" }, caption), h("thead", {}, h("tr", {}, head)), h("tbody", {}, body));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, whole);
}

function tag(work) {
  return h("span", { class: `tag work-${work}` }, work);
}

function announce(text) {
  byId("live").textContent = text;
}
