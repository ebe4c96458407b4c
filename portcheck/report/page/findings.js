// The findings: filtered, searched, sorted, a page at a time; each opens to its code and what is known of it.
const PAGE = 50;
const PRINTED = 500;
const NO_FILTER = { q: "", work: [], category: "", role: "", rule: "", path: "", fixable: "", fresh: "" };
const MARKS = { safe: "yes, safely", unsafe: "yes, to be reviewed", display: "as a suggestion" };

const SORTS = {
  place: () => 0,
  work: (a, b) => WORKS.indexOf(a.work) - WORKS.indexOf(b.work),
  rule: (a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0),
  what: (a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0),
  calls: (a, b) => b.callers - a.callers,
};

function matches(finding, filter, terms) {
  if (filter.work.length && !filter.work.includes(finding.work)) return false;
  if (filter.category && finding.category !== filter.category) return false;
  if (filter.role && finding.role !== filter.role) return false;
  if (filter.rule && finding.rule !== filter.rule) return false;
  if (filter.path && finding.path !== filter.path && !finding.path.startsWith(`${filter.path}/`)) return false;
  if (filter.fixable && finding.fixable !== "safe" && finding.fixable !== "unsafe") return false;
  if (filter.fresh && !finding.isNew) return false;
  if (!terms.length) return true;
  finding.words ??= [finding.path, finding.rule, finding.subject, finding.replacement, finding.message, finding.category, finding.fingerprint].join("\n").toLowerCase();
  return terms.every((term) => finding.words.includes(term));
}

class Findings {
  constructor() {
    this.filter = { ...NO_FILTER };
    this.sort = "place";
    this.down = false;
    this.page = 0;
    this.open = new Set();
    this.codeForAll = false;
    this.body = h("tbody");
    this.count = h("p", { class: "count", id: "count" });
    this.pages = h("nav", { class: "pages", "aria-label": "Pages of findings" });
    this.element = section("findings", "Findings", "", this.controls(), h("div", { class: "row" }, this.count, this.pages), this.table());
    this.element.setAttribute("tabindex", "-1");
    this.element.addEventListener("keydown", (event) => this.keys(event));
    this.show();
  }

  controls() {
    const change = (name) => (event) => this.set({ [name]: event.target.value });
    this.search = h("input", { type: "search", id: "search", placeholder: "path, API, rule, words", "aria-keyshortcuts": "/", autocomplete: "off", spellcheck: "false", oninput: change("q") });
    this.chips = WORKS.filter((work) => DATA.summary.by_work[work]).map((work) =>
      h("button", { type: "button", class: `chip work-${work}`, "data-work": work, "aria-pressed": "false", onclick: () => this.toggle(work) }, work, h("span", {}, number(DATA.summary.by_work[work]))));
    this.selects = {
      category: this.select("topic", "category", (name) => DATA.words.category[name] || name, change),
      role: this.select("role", "role", (name) => name, change),
      rule: this.select("rule", "rule", (name) => (DATA.rules[name] ? `${name} ${DATA.rules[name][0]}` : name), change),
    };
    this.path = h("input", { type: "text", id: "path", placeholder: "folder or file", autocomplete: "off", spellcheck: "false", oninput: change("path") });
    const check = (name) => (event) => this.set({ [name]: event.target.checked ? "yes" : "" });
    this.fixable = h("input", { type: "checkbox", id: "fixable", onchange: check("fixable") });
    this.fresh = h("input", { type: "checkbox", id: "fresh", onchange: check("fresh") });
    this.code = h("input", { type: "checkbox", id: "code", onchange: (event) => this.showCode(event.target.checked) });
    const field = (text, input, kind = "") => h("label", { class: `field ${kind}` }, h("span", {}, text), input);
    return h("form", { class: "filters", role: "search", "aria-label": "Filter the findings", onsubmit: (event) => event.preventDefault() },
      field("Search", this.search, "grow"), field("In", this.path), field("Topic", this.selects.category), field("Role", this.selects.role), field("Rule", this.selects.rule),
      h("div", { class: "chips", role: "group", "aria-label": "Kind of work" }, this.chips),
      h("div", { class: "checks" }, h("label", {}, this.fixable, " fixable"), DATA.ratchet ? h("label", {}, this.fresh, " new since the baseline") : null, DATA.hasCode ? h("label", {}, this.code, " code of all") : null,
        h("button", { type: "button", class: "plain", onclick: () => this.set({ ...NO_FILTER }) }, "Clear filters")));
  }

  select(text, name, words, change) {
    const groups = grouped(DATA.findings, (finding) => finding[name]);
    const options = [...groups].sort((a, b) => (name === "rule" ? (a[0] < b[0] ? -1 : 1) : b[1].length - a[1].length));
    return h("select", { id: name, onchange: change(name) }, h("option", { value: "" }, `any ${text}`), options.map(([value, found]) => h("option", { value }, `${words(value)} (${number(found.length)})`)));
  }

  table() {
    const columns = [["work", "Work"], ["rule", "Rule"], ["place", "Place"], ["what", "What, and what it becomes"], ["calls", "Calls"]];
    this.heads = columns.map(([name, title]) => h("th", { scope: "col", class: `col-${name}`, "data-sort": name }, h("button", { type: "button", onclick: () => this.sortBy(name) }, title)));
    return h("div", { class: "scroll" }, h("table", { class: "list" }, h("caption", { class: "unseen" }, "Findings; the buttons in the head sort them"), h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "col-open" }, h("span", { class: "unseen" }, "Details")), this.heads)), this.body));
  }

  set(change) {
    this.filter = { ...this.filter, ...change };
    this.page = 0;
    this.show();
    this.remember();
  }

  toggle(work) {
    const held = this.filter.work;
    this.set({ work: held.includes(work) ? held.filter((each) => each !== work) : [...held, work] });
  }

  sortBy(name) {
    this.down = this.sort === name ? !this.down : false;
    this.sort = name;
    this.page = 0;
    this.show();
    announce(`Sorted by ${name}${this.down ? ", last first" : ""}`);
  }

  showCode(all) {
    this.codeForAll = all;
    this.code.checked = all;
    this.open.clear();
    this.show();
  }

  // Only what is asked for: the filters alone, so that other links on the page stay what they are.
  pick(change) {
    this.set({ ...NO_FILTER, ...change });
    this.element.scrollIntoView();
    this.element.focus({ preventScroll: true });
  }

  remember() {
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(this.filter)) if (value.length) words.set(name, value);
    const text = words.toString();
    history.replaceState(null, "", text ? `#?${text}` : "#findings");
  }

  recall(hash) {
    const words = new URLSearchParams(decoded(hash).startsWith("#?") ? hash.slice(2) : "");
    const filter = { ...NO_FILTER };
    for (const [name, value] of words) if (name in filter) filter[name] = name === "work" ? value.split(",").filter((work) => WORKS.includes(work)) : value;
    this.filter = filter;
    this.page = 0;
    this.show();
  }

  goTo(finding) {
    if (!this.found.includes(finding)) this.filter = { ...NO_FILTER };
    this.select_();
    this.page = Math.floor(this.found.indexOf(finding) / PAGE);
    this.open.add(finding.index);
    this.show();
    const row = byId(`row-${finding.index}`);
    row.classList.add("meant");
    row.scrollIntoView({ block: "center" });
    row.querySelector("button").focus({ preventScroll: true });
  }

  select_() {
    const terms = this.filter.q.toLowerCase().split(/\s+/).filter(Boolean);
    const path = this.filter.path.replace(/\/+$/, "");
    const found = DATA.findings.filter((finding) => matches(finding, { ...this.filter, path }, terms));
    const order = SORTS[this.sort];
    const sign = this.down ? -1 : 1;
    this.found = found.sort((a, b) => sign * (order(a, b) || a.index - b.index));
  }

  show() {
    this.select_();
    const last = Math.max(Math.ceil(this.found.length / PAGE) - 1, 0);
    this.page = Math.min(this.page, last);
    const from = this.page * PAGE;
    this.draw(this.found.slice(from, from + PAGE));
    const all = DATA.findings.length;
    const said = this.found.length === all ? count(all, "finding") : `${number(this.found.length)} of ${count(all, "finding")}`;
    if (this.count.textContent !== said) announce(said);
    this.count.textContent = said;
    this.controlsShow();
    this.pagesShow(last);
  }

  draw(findings) {
    const lines = findings.flatMap((finding) => this.lines(finding));
    this.body.replaceChildren(...(lines.length ? lines : [h("tr", {}, h("td", { colspan: 6, class: "quiet" }, DATA.findings.length ? "No finding matches these filters." : "No findings."))]));
  }

  controlsShow() {
    const { filter } = this;
    for (const [input, value] of [[this.search, filter.q], [this.path, filter.path], ...Object.entries(this.selects).map(([name, input]) => [input, filter[name]])]) if (input.value !== value) input.value = value;
    this.fixable.checked = Boolean(filter.fixable);
    this.fresh.checked = Boolean(filter.fresh);
    for (const chip of this.chips) chip.setAttribute("aria-pressed", String(filter.work.includes(chip.dataset.work)));
    for (const head of this.heads) head.setAttribute("aria-sort", head.dataset.sort !== this.sort ? "none" : this.down ? "descending" : "ascending");
  }

  pagesShow(last) {
    const go = (page) => () => {
      this.page = page;
      this.show();
      announce(`Page ${page + 1} of ${last + 1}`);
    };
    const button = (text, page, name) => h("button", { type: "button", class: "plain", "aria-label": name, disabled: page < 0 || page > last || page === this.page, onclick: go(page) }, text);
    this.pages.replaceChildren(...(last ? [button("«", 0, "First page"), button("‹", this.page - 1, "Previous page"), h("span", {}, `page ${number(this.page + 1)} of ${number(last + 1)}`), button("›", this.page + 1, "Next page"), button("»", last, "Last page")] : []));
  }

  lines(finding) {
    const open = this.codeForAll !== this.open.has(finding.index);
    const button = h("button", { type: "button", class: "opener", "aria-expanded": String(open), "aria-label": `Details of ${finding.rule} at ${placeOf(finding)}`, onclick: () => this.turn(finding) });
    const place = h("a", { href: linkOf(finding), title: "Link to this finding" }, placeOf(finding));
    const what = [h("code", {}, finding.subject), finding.replacement ? [h("span", { class: "becomes", "aria-label": "becomes" }, " → "), h("code", { class: "new" }, finding.replacement)] : null];
    const row = h("tr", { id: `row-${finding.index}`, class: "finding" }, h("td", { class: "col-open" }, button), h("td", {}, tag(finding.work), finding.isNew ? h("span", { class: "badge" }, "new") : null), h("td", {}, h("code", { title: (DATA.rules[finding.rule] || [""])[0] }, finding.rule)), h("td", { class: "col-place" }, place), h("td", { class: "col-what" }, what, open ? null : this.line(finding)), h("td", { class: "num" }, finding.callers ? number(finding.callers) : ""));
    return open ? [row, h("tr", { class: "detail" }, h("td"), h("td", { colspan: 5 }, details(finding)))] : [row];
  }

  line(finding) {
    const text = codeLine(finding, finding.line);
    return text === null || !text.trim() ? null : h("div", { class: "source" }, marked(finding, finding.line, text, true));
  }

  turn(finding) {
    if (!this.open.delete(finding.index)) this.open.add(finding.index);
    const row = byId(`row-${finding.index}`);
    const next = row.nextElementSibling;
    if (next && next.classList.contains("detail")) next.remove();
    const lines = this.lines(finding);
    row.replaceWith(...lines);
    lines[0].querySelector("button").focus();
  }

  keys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.classList.contains("opener")) return;
    const openers = [...this.body.querySelectorAll(".opener")];
    const next = openers[openers.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  // A printed page has no next page: as many as can be read, and how many are left.
  print(on) {
    if (!on) return this.show();
    this.draw(this.found.slice(0, PRINTED));
    const left = this.found.length - PRINTED;
    if (left > 0) this.body.append(h("tr", {}, h("td", { colspan: 6 }, `${count(left, "more finding")} not printed; filters choose which are.`)));
    return undefined;
  }
}

function codeLine(finding, line) {
  for (const [first, text] of DATA.code.get(placeKey(finding.path, finding.cell)) || []) {
    const lines = text.split("\n");
    if (line >= first && line < first + lines.length) return lines[line - first];
  }
  return null;
}

// The text of a line with what the finding is about marked; columns count code points.
function marked(finding, line, text, trimmed = false) {
  const last = Math.max(finding.endLine, finding.line);
  const chars = [...text];
  const from = line === finding.line ? finding.column - 1 : 0;
  const to = line === last ? finding.endColumn - 1 : chars.length;
  const cut = (low, high) => chars.slice(low, high).join("");
  if (line < finding.line || line > last || to <= from || from >= chars.length) return [trimmed ? text.trim() : text];
  const before = cut(0, from);
  return [trimmed ? before.trimStart() : before, h("mark", {}, cut(from, to)), cut(to)];
}

function frame(finding) {
  const parts = DATA.code.get(placeKey(finding.path, finding.cell)) || [];
  const part = parts.find(([first, text]) => finding.line >= first && finding.line < first + text.split("\n").length);
  if (!part) return DATA.hasCode ? h("p", { class: "quiet" }, `No code here: the file could not be read again, or the excerpts of this report reached their limit of ${number(DATA.codeLimit)} characters.`) : null;
  const lines = part[1].split("\n");
  const low = Math.max(finding.line - 3, part[0]);
  const last = Math.min(Math.max(finding.endLine, finding.line), finding.line + 11);
  const high = Math.min(last + 3, part[0] + lines.length - 1);
  const shown = [];
  for (let line = low; line <= high; line += 1) {
    const inside = line >= finding.line && line <= last;
    shown.push(h("span", { class: inside ? "row-code here" : "row-code" }, h("span", { class: "gutter", "aria-hidden": "true" }, number(line).replaceAll(",", "")), h("span", {}, marked(finding, line, lines[line - part[0]]), "\n")));
  }
  return h("pre", { class: "frame", tabindex: "0", "aria-label": `Code at ${placeOf(finding)}` }, h("code", {}, shown));
}

function details(finding) {
  const rule = DATA.rules[finding.rule];
  const effects = { redirected: "handled: redirected", rewritten: "handled: rewritten", disabled: "stops working", restored: "restored", unreached: "not reached" };
  const shim = finding.effect ? effects[finding.effect] || finding.effect : finding.shim === true ? "handled" : finding.shim === false ? "not handled" : "";
  const facts = [
    ["rule", rule ? `${finding.rule}: ${rule[0]}` : finding.rule],
    ["why", rule ? rule[1] : ""],
    ["topic", DATA.words.category[finding.category] || finding.category],
    ["work", `${finding.work}: ${DATA.words.work[finding.work] || ""}`],
    ["fixable", MARKS[finding.fixable] || "by hand"],
    ["certainty", finding.certainty],
    ["vendor says", finding.support],
    ["under the shim", shim],
    ["file", `${finding.role}`],
    ["guarded by", finding.guards.join(", ")],
    ["calls that lean on it", finding.callers ? number(finding.callers) : ""],
    ["evidence", finding.evidence.length ? h("ul", {}, finding.evidence.map((text) => h("li", {}, text))) : ""],
    ["fingerprint", h("a", { href: linkOf(finding), class: "code" }, finding.fingerprint)],
  ].filter(([, value]) => value);
  return [h("p", { class: "message" }, finding.message), frame(finding), h("dl", {}, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]))];
}
