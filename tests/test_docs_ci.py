"""The CI recipes run as written: each step of the workflows, the action and the GitLab job, in a team's repository."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.commands import CUDA, ROOT
from tests.pages import DOCS, Block, Walk, blocks
from tests.test_docs_blocks import check_schema

ACTION = ROOT / "action.yml"
PAGE = DOCS / "ci.md"
RECIPES = {block.marks["file"]: block for block in blocks(PAGE) if "file" in block.marks}
WORKFLOWS = sorted(name for name in RECIPES if name.startswith(".github/workflows/"))

KNOWN = ("actions/checkout@", "actions/setup-python@", "github/codeql-action/upload-sarif@")
"""What a step may use beside the action: GitHub's own, which need GitHub to run."""

_EXPRESSION = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
_CONDITION = re.compile(r"inputs\.([\w-]+) (!=|==) '(\w*)'")


class Ran(NamedTuple):
    """A step that was run: its commands, its exit code, what it printed."""

    script: str
    code: int
    out: str


def action_steps(given: dict[str, str]) -> list[dict[str, Any]]:
    """Return the steps of the action that run with these inputs, expressions filled in as the runner does."""
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    assert set(given) <= set(action["inputs"])
    inputs = {name: given.get(name, each["default"]) for name, each in action["inputs"].items()}
    found = []
    for step in action["runs"]["steps"]:
        condition = _CONDITION.fullmatch(step.get("if", "inputs.paths != ''"))
        assert condition, step["if"]
        if (inputs[condition[1]] == condition[3]) is (condition[2] == "=="):
            env = {
                name: _EXPRESSION.sub(lambda part: inputs[part[1]], value)
                for name, value in step.get("env", {}).items()
            }
            # What a stranger can write must not become a part of a script.
            assert "${{" not in step.get("run", "")
            found.append({**step, "env": env})
    return found


class Runner:
    """Runs steps in a team's repository that has portcheck at tools/portcheck, as a runner of GitHub does."""

    def __init__(self, folder: Path) -> None:
        self.walk = Walk(folder, "team")
        for block in blocks(PAGE)[:1]:
            self.walk.run(block)
        self.summary = folder / "summary.md"
        self.walk.environment.update(
            GITHUB_STEP_SUMMARY=str(self.summary),
            GITHUB_ACTION_PATH=str(self.walk.home / "tools" / "portcheck"),
        )

    def workflow(self, name: str) -> list[Ran]:
        """Run the steps of the one job of a workflow until one fails."""
        (job,) = yaml.safe_load(RECIPES[name].code)["jobs"].values()
        return self.steps(job["steps"])

    def steps(self, steps: list[dict[str, Any]]) -> list[Ran]:
        """Run steps until one fails; those of the action in its place."""
        ran: list[Ran] = []
        for step in steps:
            if step.get("uses") == "./tools/portcheck":
                ran += self.steps(action_steps({name: str(value) for name, value in step.get("with", {}).items()}))
            elif "uses" in step:
                assert step["uses"].startswith(KNOWN), step["uses"]
            else:
                ran.append(self.step(step))
            if ran and ran[-1].code:
                break
        return ran

    def step(self, step: dict[str, Any]) -> Ran:
        """Run the commands of one step in GitHub's bash."""
        before = dict(self.walk.environment)
        self.walk.environment.update(step.get("env", {}))
        done = self.walk.shell(f"set -eo pipefail\n{step['run']}")
        self.walk.environment = before
        return Ran(step["run"], done.code, done.out)

    def write(self, name: str, text: str) -> None:
        """Write a file of the team's repository."""
        self.walk.write(name, text)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_the_action_is_valid_by_its_published_schema() -> None:
    pytest.importorskip("check_jsonschema")
    check_schema(ACTION, "vendor.github-actions")


def test_the_inputs_of_the_action_are_those_of_the_page() -> None:
    inputs = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"]
    listed = re.findall(r"^\| `([\w-]+)` \| .* \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: default.strip("`").strip('"') for name, default in listed} == {
        name: each["default"] or "none" for name, each in inputs.items()
    }


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_fails_for_findings_and_passes_with_a_baseline(name: str, runner: Runner) -> None:
    last = runner.workflow(name)[-1]
    assert last.code == 1
    assert "\n::error file=demo/model.py,line=8," in f"\n{last.out}"
    assert runner.summary.read_text(encoding="utf-8").startswith("## portcheck: ")
    runner.walk.shell("portcheck baseline")
    passed = runner.workflow(name)
    assert [step.code for step in passed] == [0] * len(passed)
    runner.write("demo/new.py", CUDA)
    last = runner.workflow(name)[-1]
    assert last.code == 1
    assert last.out.startswith("::warning file=demo/new.py,line=3,")


def test_the_log_for_code_scanning_is_there_when_the_check_fails(runner: Runner) -> None:
    assert runner.workflow(".github/workflows/scanning.yml")[-1].code == 1
    uploaded = yaml.safe_load(RECIPES[".github/workflows/scanning.yml"].code)["jobs"]["portcheck"]["steps"][-1]
    log = json.loads((runner.walk.home / uploaded["with"]["sarif_file"]).read_text(encoding="utf-8"))
    assert uploaded["if"] == "always()"
    assert (
        log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "demo/Dockerfile"
    )


def test_the_action_takes_paths_options_and_no_summary(runner: Runner) -> None:
    runner.write("two words/new.py", CUDA)
    runner.write("other.py", CUDA)
    hostile = "two words\nother.py\n$(touch owned)"
    given = {"paths": hostile, "options": "--select PC101 `touch owned` *", "summary": "false"}
    last = runner.steps(action_steps(given))[-1]
    assert last.code == 2
    assert not (runner.walk.home / "owned").exists()
    given = {"paths": "two words\nother.py", "options": "--select PC1 --ignore PC102", "summary": "false"}
    last = runner.steps(action_steps(given))[-1]
    assert last.code == 1
    assert "file=two words/new.py,line=3" in last.out
    assert "file=other.py,line=3" in last.out
    assert "demo" not in last.out
    assert not runner.summary.exists()


def test_an_action_ends_at_wrong_usage_and_not_with_a_log(runner: Runner) -> None:
    last = runner.steps(action_steps({"options": "--nonsense", "sarif": "portcheck.sarif"}))[-1]
    assert last.code
    assert re.search("No such option.*--nonsense", last.out)
    assert "--output-format sarif" in last.script


def test_the_job_of_gitlab_writes_its_report_and_fails_for_findings(runner: Runner) -> None:
    (job,) = yaml.safe_load(RECIPES[".gitlab-ci.yml"].code).values()
    scripts = [*job["before_script"], *job["script"]]
    ran = runner.steps([{"run": script} for script in scripts])
    assert [step.code for step in ran] == [0, 1]
    report = runner.walk.home / job["artifacts"]["reports"]["codequality"]
    assert json.loads(report.read_text(encoding="utf-8"))[0]["location"]["path"] == "demo/Dockerfile"
    runner.walk.shell("portcheck baseline")
    assert [step.code for step in runner.steps([{"run": script} for script in scripts])] == [0, 0]
    assert json.loads(report.read_text(encoding="utf-8")) == []


def test_recipes_are_workflows_or_a_job() -> None:
    assert {*WORKFLOWS, ".gitlab-ci.yml"} <= set(RECIPES)
    assert all(isinstance(block, Block) and block.language == "yaml" for block in RECIPES.values())
