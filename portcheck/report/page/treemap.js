// Where the work is: folders and files as areas, two levels at a time.
const MAP_HEIGHT = 420;
const HEAD = 20;
const MOST = 60;

// A tree of folders, each with its places; files are leaves.
function tree(findings) {
  const root = { name: "", path: "", children: new Map(), ...empty() };
  for (const finding of findings) {
    let node = root;
    add(root, finding);
    const parts = finding.path.split("/");
    parts.forEach((part, place) => {
      const path = parts.slice(0, place + 1).join("/");
      if (!node.children.has(part)) node.children.set(part, { name: part, path, children: new Map(), file: place === parts.length - 1, ...empty() });
      node = node.children.get(part);
      add(node, finding);
    });
  }
  return root;
}

const empty = () => ({ size: 0, hard: 0, blockers: 0, verify: 0 });

function add(node, finding) {
  if (finding.work === "verify") node.verify += 1;
  if (!TO_DO.has(finding.work)) return;
  node.size += 1;
  if (finding.work === "blocker") node.blockers += 1;
  if (finding.work === "blocker" || finding.work === "rewrite") node.hard += 1;
}

const bySize = (a, b) => b.size - a.size || (a.name < b.name ? -1 : 1);
const childrenOf = (node) => [...node.children.values()].filter((child) => child.size).sort(bySize);

function at(root, path) {
  let node = root;
  for (const part of path ? path.split("/") : []) node = node.children.get(part) || node;
  return node;
}

// A folder with one folder in it and nothing else is drawn as that one.
function shortened(node) {
  let found = node;
  for (;;) {
    const children = childrenOf(found);
    if (found.file || children.length !== 1 || children[0].file) return found;
    found = children[0];
  }
}

// Squarified treemap, after Bruls, Huizing and van Wijk (2000): rows along the shorter side, kept as square as they go.
function squarify(nodes, box) {
  const total = nodes.reduce((sum, node) => sum + node.size, 0);
  const scale = (box.w * box.h) / (total || 1);
  const found = [];
  let { x, y, w, h: height } = box;
  let row = [];
  const worst = (areas, side) => {
    const sum = areas.reduce((one, other) => one + other, 0);
    return Math.max((side * side * Math.max(...areas)) / (sum * sum), (sum * sum) / (side * side * Math.min(...areas)));
  };
  const lay = () => {
    const sum = row.reduce((one, node) => one + node.size * scale, 0);
    const wide = w >= height;
    const depth = sum / ((wide ? height : w) || 1);
    let along = 0;
    for (const node of row) {
      const length = (node.size * scale) / (depth || 1);
      found.push({ node, x: wide ? x : x + along, y: wide ? y + along : y, w: wide ? depth : length, h: wide ? length : depth });
      along += length;
    }
    if (wide) [x, w] = [x + depth, w - depth];
    else [y, height] = [y + depth, height - depth];
    row = [];
  };
  for (const node of nodes) {
    const side = Math.min(w, height);
    const areas = row.map((each) => each.size * scale);
    if (row.length && worst([...areas, node.size * scale], side) > worst(areas, side)) lay();
    row.push(node);
  }
  if (row.length) lay();
  return found;
}

function limited(nodes, most) {
  if (nodes.length <= most) return nodes;
  const rest = nodes.slice(most - 1);
  const sum = rest.reduce((one, node) => ({ size: one.size + node.size, hard: one.hard + node.hard, blockers: one.blockers + node.blockers, verify: one.verify + node.verify }), empty());
  return [...nodes.slice(0, most - 1), { ...sum, name: `${count(rest.length, "more", "more")}`, path: null, children: new Map(), rest: true }];
}

// How much of it is more than mechanical, in five steps.
function heat(node) {
  if (!node.hard) return 0;
  const share = node.hard / node.size;
  return share < 0.1 ? 1 : share < 0.25 ? 2 : share < 0.5 ? 3 : 4;
}

const HEATS = ["none", "under 10%", "10–25%", "25–50%", "50% and more"];

function described(node) {
  const hard = node.hard ? `, ${number(node.hard)} of them a rewrite or blocker` : "";
  return `${node.name}: ${count(node.size, "place")} to change${hard}`;
}

// A label that fits, or none: half of a name says less than the table beside the map.
function label(text, width, size = 12) {
  const room = Math.floor((width - 8) / (size * 0.56));
  if (text.length <= room) return text;
  return room >= 5 ? `${text.slice(0, room - 1)}…` : "";
}

class Treemap {
  constructor(findings, pick) {
    this.findings = findings;
    this.pick = pick;
    this.path = "";
    this.all = !findings.some((finding) => FIRST.has(finding.role) && TO_DO.has(finding.work));
    this.crumbs = h("nav", { class: "crumbs", "aria-label": "Folder of the map" });
    this.picture = h("div", { class: "map" });
    this.list = h("div", { class: "beside" });
    this.which = h("div", { class: "choice", role: "group", "aria-label": "Files in the map" }, [["Source and build", false], ["Everything", true]].map(([text, all]) =>
      h("button", { type: "button", "aria-pressed": String(this.all === all), onclick: () => this.choose(all) }, text)));
    this.element = h("div", {}, h("div", { class: "row" }, this.crumbs, this.which), h("div", { class: "split" }, this.picture, this.list));
    this.choose(this.all);
    new ResizeObserver(() => this.paint()).observe(this.picture);
  }

  choose(all) {
    this.all = all;
    [...this.which.children].forEach((button, place) => button.setAttribute("aria-pressed", String(Boolean(place) === all)));
    this.tree = tree(all ? this.findings : this.findings.filter((finding) => FIRST.has(finding.role)));
    this.go("");
  }

  go(path, focus = false) {
    this.path = shortened(at(this.tree, path)).path;
    this.width = 0;
    this.paint();
    this.describe();
    if (focus) (this.picture.querySelector("[tabindex='0']") || this.picture).focus();
  }

  open(node) {
    if (node.rest) return;
    if (node.file) this.pick(node.path);
    else this.go(node.path, true);
  }

  describe() {
    const parts = this.path ? this.path.split("/") : [];
    const crumb = (text, path, last) => h("button", { type: "button", "aria-current": last ? "true" : null, onclick: () => this.go(path) }, text);
    this.crumbs.replaceChildren(crumb("all folders", "", !parts.length), ...parts.map((part, place) => crumb(part, parts.slice(0, place + 1).join("/"), place === parts.length - 1)));
    const nodes = childrenOf(at(this.tree, this.path));
    const lines = nodes.slice(0, 14).map((node) => [
      h("button", { type: "button", class: "link", onclick: () => this.open(node) }, node.file ? node.name : `${node.name}/`),
      dash(node.size), dash(node.hard), dash(node.verify)]);
    const more = nodes.length > 14 ? h("p", { class: "quiet" }, `and ${number(nodes.length - 14)} with fewer places`) : null;
    const caption = `Places in ${this.path || "all folders"}`;
    this.list.replaceChildren(table(caption, [["folder or file", ""], ["to change", "num"], ["hard", "num"], ["verify", "num"]], lines), ...(more ? [more] : []));
  }

  paint() {
    const width = Math.floor(this.picture.clientWidth);
    if (!width || width === this.width) return;
    this.width = width;
    const root = at(this.tree, this.path);
    const picture = s("svg", { viewBox: `0 0 ${width} ${MAP_HEIGHT}`, width, height: MAP_HEIGHT, role: "group", "aria-label": `Map of ${count(root.size, "place")} to change in ${root.path || "all folders"}. Arrow keys move, Enter opens a folder or lists the findings of a file.` });
    for (const area of squarify(limited(childrenOf(root), MOST), { x: 0, y: 0, w: width, h: MAP_HEIGHT })) this.area(picture, area);
    const cells = [...picture.querySelectorAll(".cell")];
    cells.forEach((cell, place) => cell.setAttribute("tabindex", place ? "-1" : "0"));
    picture.addEventListener("keydown", (event) => this.move(event, cells));
    this.picture.replaceChildren(cells.length ? picture : h("p", { class: "quiet" }, "Nothing to change in these files."));
  }

  area(picture, { node, x, y, w, h: height }) {
    const inner = node.file || node.rest ? [] : childrenOf(node);
    if (inner.length > 1 && w > 46 && height > HEAD + 24) {
      picture.append(...this.cell(node, x, y, w, HEAD, true));
      const box = { x: x + 1, y: y + HEAD, w: w - 3, h: height - HEAD - 3 };
      for (const each of squarify(limited(inner, 40), box)) picture.append(...this.cell(each.node, each.x, each.y, each.w, each.h));
    } else picture.append(...this.cell(node, x, y, w, height));
  }

  cell(node, x, y, w, height, head = false) {
    const [wide, tall] = [Math.max(w - 1.5, 0.5), Math.max(height - 1.5, 0.5)];
    const name = node.file || node.rest ? node.name : `${node.name}/`;
    const text = tall >= 15 ? label(head ? `${name}  ${number(node.size)}` : name, wide) : "";
    const open = () => this.open(node);
    const size = !head && tall >= 31 && wide >= 26 ? label(number(node.size), wide, 11) : "";
    const cell = s("g", { class: `cell ${head ? "head" : `heat-${heat(node)}`}${node.rest ? " rest" : ""}`, role: node.rest ? "img" : "button", "aria-label": described(node), onclick: open },
      s("title", {}, `${node.path || node.name}\n${described(node)}`),
      s("rect", { x, y, width: wide, height: tall, rx: 2 }),
      !head && node.blockers && tall >= 12 && wide >= 12 ? s("circle", { cx: x + wide - 7, cy: y + tall - 7, r: 4, class: "mark" }) : null);
    // What is shown may be cut: it stands beside the cell, whose name is whole.
    const names = s("g", { class: head ? "names head" : "names", "aria-hidden": "true" },
      text ? s("text", { x: x + 5, y: y + 14 }, text) : null,
      size ? s("text", { x: x + 5, y: y + 28, class: "size" }, size) : null);
    return text || size ? [cell, names] : [cell];
  }

  move(event, cells) {
    const here = cells.indexOf(document.activeElement);
    if (here < 0) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      document.activeElement.dispatchEvent(new Event("click", { bubbles: true }));
      return;
    }
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = event.key === "Home" ? 0 : event.key === "End" ? cells.length - 1 : step ? here + step : -1;
    if (next < 0 || next >= cells.length) return;
    event.preventDefault();
    cells[here].setAttribute("tabindex", "-1");
    cells[next].setAttribute("tabindex", "0");
    cells[next].focus();
  }
}
