// What a lead reads: the answer, what kind of work it is, the strategies, versions and cards, and the plan.
function answer(totals) {
  const { effort, summary } = DATA;
  const tiles = [
    ["to change", number(totals.change), `in ${count(totals.files, "file")} of ${number(summary.files)}`],
    ["to verify", number(totals.verify), "should run, worth a look"],
    ["blockers", number(totals.work.blocker), totals.work.blocker ? "nothing on the target does it" : "none found"],
    ["rewrites", number(totals.work.rewrite), "another API or other logic"],
    ["fixable", percent(Math.min(totals.fixable, totals.change), totals.change), `${count(totals.fixable, "place")} by portcheck fix`],
  ].map(([name, value, note]) => h("li", {}, h("strong", {}, value), h("span", {}, name), h("small", {}, note)));
  const ranges = effort && effort.packages.length ? [["person-days", effort.person_days], ["lines to edit", effort.edits]].map(([unit, range]) => wide(unit, range)) : [];
  byId("answer").replaceChildren(h("div", { class: "ranges-big" }, ranges), h("ul", { class: "tiles" }, tiles));
}

function wide(unit, range) {
  const most = range.high * 1.04 || 1;
  const likely = number(about(range.likely));
  return h("div", { class: "range" },
    h("p", {}, h("strong", { class: "big" }, span(range)), ` ${unit}`),
    ranged(range, most, 0, `${unit}: `),
    h("p", { class: "quiet" }, `likely ${likely}; low and high are meant to hold 80% of ports`));
}

function kinds(pick) {
  const asking = DATA.findings.filter((finding) => finding.work !== "none");
  if (!asking.length) return null;
  const groups = [...grouped(asking, (finding) => finding.category)].map(([category, findings]) => ({ category, ...tally(findings) }));
  groups.sort((a, b) => b.change - a.change || b.all - a.all);
  const most = Math.max(...groups.map((group) => group.all));
  const lines = groups.map((group) => [
    h("button", { type: "button", class: "link", onclick: () => pick({ category: group.category }) }, DATA.words.category[group.category] || group.category),
    stacked(group.work, most), dash(group.change), dash(group.verify), dash(group.files), dash(group.fixable)]);
  const columns = [["what it is about", ""], ["places by kind of work", "chart"], ["to change", "num"], ["verify", "num"], ["files", "num"], ["fixable", "num"]];
  const used = WORKS.filter((work) => work !== "none" && asking.some((finding) => finding.work === work));
  return section("kinds", "What kind of work it is", "Each bar is one topic; a click lists its findings.", legend(used), table("Places by topic and kind of work", columns, lines, { class: "topics" }), hard(pick));
}

function hard(pick) {
  if (!DATA.hard.length) return null;
  const lines = DATA.hard.map((each) => [
    h("button", { type: "button", class: "link code", onclick: () => pick({ q: each.name, work: [each.work] }) }, each.name),
    tag(each.work), number(each.places), number(each.files),
    [each.others ? `and ${count(each.others, "other name")}; ` : "", each.message, each.replacement && each.message ? "; " : "", each.replacement ? h("code", {}, each.replacement) : ""]]);
  const columns = [["name", ""], ["work", ""], ["places", "num"], ["files", "num"], ["what to do", "text"]];
  const most = lines.length > 15 ? 12 : lines.length;
  const rest = lines.slice(most);
  return h("details", { class: "more", open: true }, h("summary", {}, `What is more than a rename: ${count(lines.length, "name")}`),
    table("Blockers, rewrites and packages to swap", columns, lines.slice(0, most), { class: "hard" }),
    rest.length ? h("details", { class: "more" }, h("summary", {}, `${count(rest.length, "more name")}`), table("More rewrites and packages to swap", columns, rest, { class: "hard" })) : null);
}

function strategies() {
  const found = DATA.strategies;
  if (!found || !found.compared.some((each) => each.to_change)) return null;
  const most = Math.max(...found.compared.map((each) => each.to_change + (each.by_work.verify || 0)));
  const days = Math.max(...found.compared.map((each) => (each.person_days ? each.person_days.high : 0)));
  const lines = found.compared.map((each) => [
    [each.strategy, each.strategy === found.advised ? h("span", { class: "badge" }, "advised") : null, each.strategy === DATA.target.strategy ? h("span", { class: "badge quiet" }, "this report") : null],
    stacked(each.by_work, most), number(each.to_change), dash(each.by_work.blocker), dash(each.by_work.rewrite),
    each.person_days ? ranged(each.person_days, days, 0, "person-days: ") : "–", span(each.person_days), span(each.edits)]);
  const columns = [["strategy", ""], ["places by kind of work", "chart"], ["to change", "num"], ["blockers", "num"], ["rewrites", "num"], ["person-days", "chart"], ["days", "num"], ["lines", "num"]];
  const said = [...found.said, `Advised: ${found.advised}, as ${found.reason}.`];
  const means = { shim: "one import that patches PyTorch at run time", npu: "code that names the target", agnostic: "code for any accelerator" };
  const terms = found.compared.filter((each) => means[each.strategy]).map((each) => `${each.strategy}: ${means[each.strategy]}`).join("; ");
  return section("strategies", "The strategies side by side", `${terms}.`, table("Strategies", columns, lines, { class: "compared" }), h("div", { class: "said" }, said.map((text) => h("p", {}, text))));
}

function matrix() {
  const found = DATA.matrix;
  if (!found) return null;
  const sum = (cell) => cell.refused.reduce((total, [, places]) => total + places, 0);
  const load = (cell) => cell.change + cell.work.verify;
  const least = Math.min(...found.cells.map(load));
  const most = Math.max(...found.cells.map(load), least + 1);
  const detail = h("div", { class: "refused", id: "refused", "aria-live": "polite" });
  const buttons = [];
  const show = (cell, button) => {
    buttons.forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
    const names = cell.refused.slice(0, 60).map(([name, places]) => h("li", {}, h("code", {}, name), ` ${number(places)}`));
    const more = cell.refused.length > 60 ? h("li", { class: "quiet" }, `and ${number(cell.refused.length - 60)} more`) : null;
    detail.replaceChildren(h("h3", {}, `Not marked supported on ${cell.hardware.toUpperCase()} with PyTorch ${cell.torch}`), names.length ? h("ul", { class: "names" }, names, more) : h("p", { class: "quiet" }, "Nothing that is used here."));
  };
  const lines = found.cards.map((card) => [card.toUpperCase(), ...found.versions.map((version) => {
    const cell = found.cells.find((each) => each.torch === version && each.hardware === card);
    const step = Math.round((4 * (load(cell) - least)) / (most - least));
    const current = version === DATA.target.torch && card === DATA.target.hardware;
    const button = h("button", { type: "button", class: `tile heat-${step}`, "aria-pressed": "false", onclick: () => show(cell, button) },
      h("strong", {}, number(cell.change)), " to change", h("span", {}, `${number(cell.work.verify)} to verify`), h("span", {}, sum(cell) ? `${number(sum(cell))} not supported` : "all supported"), current ? h("span", { class: "badge" }, "this report") : null);
    buttons.push(button);
    if (current) queueMicrotask(() => show(cell, button));
    return button;
  })]);
  const columns = [["card", ""], ...found.versions.map((version) => [`PyTorch ${version}`, "tilecell"])];
  const before = DATA.summary.suppressed ? " What comments and the configuration suppress counts here." : "";
  return section("matrix", "Versions and cards", `The same repository judged for every PyTorch version and card that the vendor has tables for; darker is more work. Not supported are places whose API the vendor's table does not mark for that card.${before}`, table("Places by card and PyTorch version", columns, lines, { class: "matrix" }), detail);
}

// A package begins when those that it waits for are likely to be done.
function starts(packages) {
  const begin = new Map(packages.map((each) => [each.name, 0]));
  for (const each of packages) {
    for (const next of each.unblocks) {
      if (begin.has(next)) begin.set(next, Math.max(begin.get(next), begin.get(each.name) + each.person_days.likely));
    }
  }
  return begin;
}

function plan() {
  const { effort } = DATA;
  if (!effort || !effort.packages.length) return null;
  const begin = starts(effort.packages);
  const most = Math.max(...effort.packages.map((each) => begin.get(each.name) + each.person_days.high), 1);
  const titles = new Map(effort.packages.map((each) => [each.name, each.title]));
  const scale = s("svg", { class: "axis", viewBox: `0 0 ${WIDTH} 14`, "aria-hidden": "true" }, ticks(most).map((value) => s("text", { x: (WIDTH * value) / most, y: 11, "text-anchor": value ? (value > 0.94 * most ? "end" : "middle") : "start" }, number(value))));
  const lines = effort.packages.map((each, place) => [
    `${place + 1}. ${each.title}`, ranged(each.person_days, most, begin.get(each.name), `${each.title}, from day ${number(about(begin.get(each.name)))}: `), span(each.person_days), span(each.edits), dash(each.places), dash(each.fixable),
    each.unblocks.map((name) => titles.get(name) || name).join(", ") || "–"]);
  const columns = [["package of work", ""], [["person-days", scale], "chart wide-chart"], ["days", "num"], ["lines", "num"], ["places", "num"], ["fixable", "num"], ["unblocks", "text"]];
  return section("plan", "The plan", "Each bar begins when the packages it waits for are likely to be done, with one person on each; it is as long as is likely, the thin line reaches from its start to high.", table("Packages of work", columns, lines, { class: "plan" }), steps(effort), costs(effort));
}

function steps(effort) {
  const found = effort.packages.filter((each) => each.steps.length || each.roots.length || each.top.length);
  const parts = found.map((each) => h("li", {}, h("strong", {}, each.title), h("ul", {},
    each.steps.map((step) => h("li", {}, step.title, step.number > 1 ? ` × ${number(step.number)}` : "", ` (${span(step.person_days)} days)`, step.detail ? h("span", { class: "quiet" }, ` ${step.detail}`) : "")),
    each.roots.map((root) => h("li", {}, "change first: ", h("code", {}, root.name), h("span", { class: "quiet" }, ` ${root.path}, ${count(root.calls, "call")} in ${count(root.files, "file")}`))),
    each.top.length ? h("li", { class: "quiet" }, `most places: ${each.top.join(", ")}`) : null)));
  return h("details", { class: "more" }, h("summary", {}, "Steps of each package"), h("ul", { class: "steps" }, parts));
}

function costs(effort) {
  const most = Math.max(...effort.drivers.map((each) => each.person_days), 1);
  const bar = (each) => s("svg", { class: "bars", viewBox: `0 0 ${WIDTH} 16`, preserveAspectRatio: "none", "aria-hidden": "true" }, s("rect", { x: 0, y: 3, width: (WIDTH * each.person_days) / most, height: 10, class: "likely" }));
  const drivers = effort.drivers.map((each) => [[each.name, each.detail ? h("span", { class: "quiet" }, ` ${each.detail}`) : null], bar(each), number(about(each.person_days)), percent(each.share, 1)]);
  const levers = effort.levers.map((each) => h("li", {}, each.name, each.person_days ? ` (about ${count(about(each.person_days), "day")})` : "", each.detail ? h("span", { class: "quiet" }, ` ${each.detail}`) : null));
  return h("div", { class: "columns" },
    drivers.length ? h("div", {}, h("h3", {}, "What the days go into"), table("What the days go into", [["what", "text"], ["in proportion", "chart"], ["days", "num"], ["share", "num"]], drivers)) : null,
    h("div", {}, levers.length ? [h("h3", {}, "What would change it most"), h("ul", {}, levers)] : null, h("h3", {}, "What it rests on"), h("ul", { class: "quiet" }, effort.assumptions.map((text) => h("li", {}, text)))));
}

function unread() {
  if (!DATA.unread.length && !DATA.remarks.length) return null;
  const lines = DATA.unread.map((each) => [each.status, each.reason, number(each.count), [each.paths.slice(0, 3).join(", "), each.count > 3 ? ", …" : ""]]);
  const remarks = DATA.remarks.map((each) => h("li", {}, `${each.path}:${each.line}: ${each.text}`));
  return section("unread", "What was not judged", "", lines.length ? table("Paths that were not read, or not in full", [["how far", ""], ["why", "text"], ["paths", "num"], ["such as", "text"]], lines) : null, remarks.length ? [h("h3", {}, "About suppressions"), h("ul", {}, remarks)] : null);
}
