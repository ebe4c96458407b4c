// The data of the page, each finding as an object with the names of its columns.
const WORKS = ["blocker", "rewrite", "config", "rename", "verify", "none"];
const TO_DO = new Set(["blocker", "rewrite", "config", "rename"]);
const FIRST = new Set(["source", "build"]);
const TEXTUAL = new Set(["rule", "path", "category", "subject", "work", "certainty", "support", "message", "replacement", "effect", "fixable", "role", "kind", "status", "reason"]);
const LISTS = new Set(["evidence", "guards"]);

function rows(raw, names, values) {
  return values.map((row) => {
    const found = {};
    names.forEach((name, place) => {
      const value = row[place];
      found[name] = TEXTUAL.has(name) ? raw.texts[value] : LISTS.has(name) ? raw.lists[value] : value;
    });
    return found;
  });
}

function load() {
  const raw = JSON.parse(byId("data").textContent);
  const data = { ...raw, findings: rows(raw, raw.findingColumns, raw.findings), files: rows(raw, raw.fileColumns, raw.files) };
  data.code = new Map((raw.code || []).map(([path, cell, parts]) => [placeKey(raw.texts[path], cell), parts]));
  data.hasCode = raw.code !== null;
  const seen = new Map();
  data.findings.forEach((finding, index) => {
    finding.index = index;
    finding.number = (seen.get(finding.fingerprint) || 0) + 1;
    seen.set(finding.fingerprint, finding.number);
  });
  return data;
}

const placeKey = (path, cell) => `${cell === null ? "" : cell}:${path}`;

// The same text in two files has one fingerprint: the file then says which is meant.
function linkOf(finding) {
  const mark = encodeURIComponent(finding.fingerprint);
  return finding.number > 1 ? `#${mark}@${encodeURIComponent(finding.path)}` : `#${mark}`;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function linked(data, hash) {
  const [mark, path] = hash.replace(/^#/, "").split("@").map(decoded);
  if (!mark) return null;
  const found = data.findings.filter((finding) => finding.fingerprint === mark);
  return found.find((finding) => finding.path === path) || found[0] || null;
}

function placeOf(finding) {
  const cell = finding.cell === null ? "" : `cell ${finding.cell}:`;
  return `${finding.path}:${cell}${finding.line}`;
}

function tally(findings) {
  const work = Object.fromEntries(WORKS.map((name) => [name, 0]));
  const files = new Set();
  let fixable = 0;
  for (const finding of findings) {
    work[finding.work] += 1;
    files.add(finding.path);
    if (finding.fixable === "safe" || finding.fixable === "unsafe") fixable += 1;
  }
  const change = WORKS.reduce((sum, name) => sum + (TO_DO.has(name) ? work[name] : 0), 0);
  return { work, change, verify: work.verify, all: findings.length, files: files.size, fixable };
}

function grouped(findings, key) {
  const groups = new Map();
  for (const finding of findings) {
    const name = key(finding);
    if (groups.has(name)) groups.get(name).push(finding);
    else groups.set(name, [finding]);
  }
  return groups;
}
