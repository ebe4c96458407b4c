// Puts the page together.
const THEMES = ["auto", "light", "dark"];
const THEME_KEY = "portcheck-theme";

// A page opened from a file may have no storage.
function stored(value) {
  try {
    if (value === undefined) return localStorage.getItem(THEME_KEY);
    localStorage.setItem(THEME_KEY, value);
  } catch {
    return null;
  }
  return value;
}

function themes() {
  const choose = (theme, keep) => {
    if (theme === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.setAttribute("data-theme", theme);
    buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(THEMES[place] === theme)));
    if (keep) stored(theme);
  };
  const buttons = THEMES.map((theme) => h("button", { type: "button", "data-choice": theme, onclick: () => choose(theme, true) }, theme));
  choose(THEMES.includes(stored()) ? stored() : "auto", false);
  return h("div", { class: "choice", role: "group", "aria-label": "Colours" }, buttons);
}

const DATA = load();
const totals = tally(DATA.findings);
const list = new Findings();
const pick = (change) => list.pick(change);

function where() {
  if (!totals.change) return null;
  const scale = h("ul", { class: "legend" }, HEATS.map((text, step) => h("li", {}, h("span", { class: `swatch heat-${step}`, "aria-hidden": "true" }), text)), h("li", {}, h("span", { class: "swatch dot", "aria-hidden": "true" }), "holds a blocker"));
  const map = new Treemap(DATA.findings, (path) => pick({ path }));
  return section("where", "Where the work is", "Area is places to change; colour is the share of them that is a rewrite or a blocker. A folder opens, a file lists its findings.", scale, map.element);
}

function begin() {
  const { target, tool, summary } = DATA;
  byId("target").textContent = `${target.name.charAt(0).toUpperCase()}${target.name.slice(1)}, PyTorch ${target.torch}, card ${target.hardware.toUpperCase()}, strategy ${target.strategy} · ${count(summary.files, "file")}, ${count(summary.lines, "line")}`;
  answer(totals);
  const sections = [where(), kinds(pick), strategies(), matrix(), plan(), list.element, unread()].filter(Boolean);
  byId("report").append(...sections);
  const names = { where: "Where", kinds: "Kind", strategies: "Strategies", matrix: "Cards", plan: "Plan", findings: "Findings", unread: "Not judged" };
  byId("sections").append(...sections.map((each) => h("a", { href: `#${each.id}` }, names[each.id])));
  byId("tools").append(themes(), h("button", { type: "button", class: "plain", onclick: () => window.print() }, "Print"));
  const more = [summary.hidden ? `${count(summary.hidden, "place")} that need nothing are not listed.` : "", summary.suppressed ? `${count(summary.suppressed, "finding")} suppressed.` : ""];
  byId("foot").append(h("p", {}, `portcheck ${tool.version}, rules ${tool.pack.slice(0, 12)}. ${more.filter(Boolean).join(" ")}`), h("p", {}, "Keys: / searches, arrows move between findings and in the map, Enter opens."));
}

function follow() {
  const hash = location.hash;
  if (hash.startsWith("#?")) list.recall(hash);
  else if (hash) {
    const finding = linked(DATA, hash);
    if (finding) list.goTo(finding);
  }
}

begin();
follow();
addEventListener("hashchange", follow);
// Nobody can open on paper what is folded.
const folded = [];
addEventListener("beforeprint", () => {
  folded.push(...document.querySelectorAll("details:not([open])"));
  folded.forEach((each) => { each.open = true; });
  list.print(true);
});
addEventListener("afterprint", () => {
  folded.splice(0).forEach((each) => { each.open = false; });
  list.print(false);
});
addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    list.search.focus();
  }
});
document.documentElement.setAttribute("data-ready", "");
