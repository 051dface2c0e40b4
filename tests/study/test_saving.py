"""A results folder that is damaged, held, or in the way: done again or refused, never believed and never a crash."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import flanksim as fs
from flanksim import FlanksimError, Problem, loads
from flanksim.saving import LONGEST_NAME, SystemRefused, alone_in, file_name, write_atomically
from flanksim.study.parallel import workers
from flanksim.study.store import read_json, write_text
from tests.study.test_experiment import RANDOM, tables

# ---- damage -------------------------------------------------------------------------------------


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def rot(path: Path) -> None:
    """Turn over the bits of bytes in the first data page, behind the magic number and before the footer."""
    raw = bytearray(path.read_bytes())
    for place in range(30, 60):
        raw[place] ^= 0xFF
    path.write_bytes(bytes(raw))


def nonsense(path: Path) -> None:
    path.write_bytes(b"\xff\xfe not what it was")


def another(path: Path) -> None:
    """A whole table, of something else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"cell": ["a"], "seed": [1]}), path)


Damage = Callable[[Path], None]
DAMAGES = [cut, empty, rot, nonsense, another]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = fs.run_study(loads(RANDOM), 4, jobs=1, results=tmp_path_factory.mktemp("whole"), keep_movements="all")
    assert study.folder is not None
    return study.folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_part_is_done_again(folder: Path, whole: Path, damage: Damage) -> None:
    parts = sorted((folder / "parts").iterdir())
    damage(parts[0])
    damage(parts[2])
    again: list[int] = []
    fs.run_study(
        loads(RANDOM), 4, jobs=1, resume=folder, keep_movements="all", progress=lambda done, _: again.append(done)
    )
    assert again == [3, 4], "two were made again"
    assert tables(folder) == tables(whole)
    assert [path.read_bytes() for path in parts] == [path.read_bytes() for path in sorted((whole / "parts").iterdir())]


@pytest.mark.parametrize("damage", [cut, empty, nonsense])
def test_damaged_movements_are_made_again(folder: Path, whole: Path, damage: Damage) -> None:
    files = sorted((folder / "movements").iterdir())
    damage(files[1])
    files[2].unlink()
    fs.run_study(loads(RANDOM), 4, jobs=1, resume=folder, keep_movements="all")
    for path in files:
        assert path.read_bytes() == (whole / "movements" / path.name).read_bytes()


@pytest.mark.parametrize("damage", [cut, empty, nonsense])
@pytest.mark.parametrize("name", ["manifest.json", "scenario.yaml", "runs.parquet", "units.parquet"])
def test_any_other_damaged_file_is_written_again(folder: Path, whole: Path, name: str, damage: Damage) -> None:
    damage(folder / name)
    again: list[int] = []
    fs.run_study(loads(RANDOM), 4, jobs=1, resume=folder, progress=lambda done, _: again.append(done))
    assert not again, "its parts say whose they are"
    assert tables(folder) == tables(whole)
    assert (folder / "scenario.yaml").read_bytes() == (whole / "scenario.yaml").read_bytes()
    one, two = (read_json(place / "manifest.json") for place in (folder, whole))
    assert (one.pop("seconds"), two.pop("seconds")) > (0, 0)
    assert one == two


def test_with_a_damaged_manifest_parts_of_another_study_are_not_believed(folder: Path) -> None:
    cut(folder / "manifest.json")
    other = fs.run_study(loads(RANDOM), 4, seed=9, jobs=1, resume=folder)
    alone = fs.run_study(loads(RANDOM), 4, seed=9, jobs=1)
    assert [run.digest for run in other.replications] == [run.digest for run in alone.replications]


@pytest.mark.parametrize("damage", [cut, empty, nonsense])
@pytest.mark.parametrize("kind", ["sweep", "compare"])
def test_sweeps_and_comparisons_do_damaged_parts_again(tmp_path: Path, kind: str, damage: Damage) -> None:
    def study(**options: object) -> Path:
        found = (
            fs.sweep(loads(RANDOM), [0, 1], [2035], replications=3, jobs=1, **options)  # type: ignore[arg-type]
            if kind == "sweep"
            else fs.compare([loads(RANDOM)], ["second"], 3, jobs=1, **options)  # type: ignore[arg-type]
        )
        assert found.folder is not None
        return found.folder

    first = study(results=tmp_path)
    second = Path(shutil.copytree(first, tmp_path / "copy"))
    for path in sorted((second / "parts").iterdir())[::2]:
        damage(path)
    damage(second / "manifest.json")
    (second / "runs.parquet").unlink()
    study(resume=second)
    assert tables(first) == tables(second)


@pytest.mark.parametrize("damage", [cut, empty, nonsense])
def test_who_reads_a_damaged_folder_says_which_file(folder: Path, damage: Damage) -> None:
    from flanksim.study.explain import explain
    from flanksim.study.page import build

    damage(folder / "runs.parquet")
    for ask in (lambda: explain(folder, jobs=1, tries=0), lambda: build(folder)):
        with pytest.raises(FlanksimError, match=r"(?s)E506.*runs\.parquet"):
            ask()
    damage(folder / "manifest.json")
    with pytest.raises(FlanksimError, match=r"(?s)E506.*manifest\.json"):
        explain(folder, jobs=1, tries=0)


def test_only_a_run_is_explained(tmp_path: Path) -> None:
    from flanksim.study.explain import explain

    found = fs.sweep(loads(RANDOM), 0, 2026, replications=2, jobs=1, results=tmp_path)
    with pytest.raises(FlanksimError, match=r"(?s)E505.*this is a sweep"):
        explain(found.folder or "", jobs=1)


# ---- whole or not at all ------------------------------------------------------------------------


def test_what_fails_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "answer.json"
    write_text(target, "old")

    def half(partial: Path) -> None:
        partial.write_text("ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(SystemRefused, match=r"(?s)E507.*answer\.json.*No space left.*make room"):
        write_atomically(target, half)
    assert [path.name for path in tmp_path.iterdir()] == ["answer.json"]
    assert target.read_text() == "old"


def test_the_manifest_is_the_last_word(tmp_path: Path) -> None:
    """What is written beside the tables comes before ``complete``; where it fails, the study is not complete."""
    seen: list[str] = []

    def also(study: fs.Study) -> None:
        assert study.folder is not None
        seen.append(json.loads((study.folder / "manifest.json").read_text())["status"])
        seen.extend(path.name for path in study.folder.glob("*.parquet"))
        write_text(study.folder / "nowhere" / "figure.svg", "")

    with pytest.raises(FlanksimError, match="E507"):
        fs.run_study(loads(RANDOM), 2, jobs=1, results=tmp_path, also=also)
    assert (seen[0], set(seen[1:])) == ("running", {"runs.parquet", "units.parquet"})
    (manifest,) = tmp_path.glob("*/*/manifest.json")
    assert (json.loads(manifest.read_text())["status"], json.loads(manifest.read_text())["done"]) == ("interrupted", 2)


def test_an_error_in_a_run_keeps_the_runs_before_it(tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fs.run_study(loads(RANDOM), 5, jobs=1, results=tmp_path, progress=stop)
    (folder,) = tmp_path.glob("*/*")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["status"], manifest["done"]) == ("interrupted", 3)
    seen: list[int] = []
    fs.run_study(loads(RANDOM), 5, jobs=1, resume=folder, progress=lambda done, _: seen.append(done))
    assert seen == [4, 5]


def test_one_study_at_a_time_in_a_folder(folder: Path) -> None:
    with alone_in(folder), pytest.raises(FlanksimError, match=r"(?s)E508.*at work in this folder.*--resume again"):
        fs.run_study(loads(RANDOM), 4, jobs=1, resume=folder)
    fs.run_study(loads(RANDOM), 4, jobs=1, resume=folder)
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")], "no lock is left behind"


# ---- problems out of a worker -------------------------------------------------------------------


def fail(_: int) -> None:
    raise SystemRefused(Problem("E507", "somewhere", "", "cannot be written: full", "make room"))


def test_a_problem_comes_back_whole_from_a_worker() -> None:
    error = FlanksimError([Problem("E305", "a", "b", "no route", "a bridge"), Problem("E105", "c", "d", "no", "yes")])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert (type(again), again.problems, str(again)) == (FlanksimError, error.problems, str(error))
    with pytest.raises(SystemRefused, match=r"(?s)E507  somewhere.*make room"), workers(2) as (executor, _):
        executor.submit(fail, 1).result()


# ---- names --------------------------------------------------------------------------------------

NAMES = [
    "../../elsewhere", "A/B", "plan A/B", ".", "..", "...", "", " ", "x" * 3000, "ß" * 400, "a\0b", "nul", "COM1",
    "LPT9.txt", "a\\b", "/etc/passwd", "C:\\temp", "a\nb", "tab\tbed", "~", "con.", ".hidden", "-rf", "*?", "ü/ö",
    "\ud800", "a" * 119 + "/b", "trailing. ", "Ⅷ", "\u202e", "%2e%2e%2f",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_results_stay_inside_their_folder_or_are_refused(tmp_path: Path, name: str) -> None:
    root = tmp_path / "work" / "results"
    try:
        study = fs.run_study(loads(RANDOM).model_copy(update={"name": name}), 1, jobs=1, results=root)
    except FlanksimError:
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
        return
    assert study.folder is not None
    assert study.folder.resolve().parent.parent == root.resolve()
    assert {path.name for path in tmp_path.iterdir()} == {"work"}
    again = fs.run_study(fs.load(study.folder / "scenario.yaml"), 1, jobs=1)
    assert again.replications[0].digest == study.replications[0].digest


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_becomes_the_name_of_one_file_on_any_system(tmp_path: Path, name: str) -> None:
    found = file_name(name)
    assert found == file_name(found), "what is safe stays"
    assert not set(found) & set('<>:"/\\|?*\0 \n\t')
    assert found.strip(".") == found != ""
    assert len(found.encode()) <= LONGEST_NAME
    assert found.split(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    (tmp_path / found).mkdir()
    assert [path.name for path in tmp_path.iterdir()] == [found]


def test_shipped_names_are_kept_and_long_ones_stay_apart() -> None:
    assert [file_name(name) for name in ("eastern-flank", "corridor-mini-compare")] == [
        "eastern-flank",
        "corridor-mini-compare",
    ]
    assert file_name("x" * 500) != file_name("x" * 501)


def test_a_unit_named_like_a_path_is_refused_and_an_odd_name_is_made_one_for_files(tmp_path: Path) -> None:
    from flanksim.study.explain import explain, save

    with pytest.raises(FlanksimError, match="E111"):
        loads(RANDOM.replace("\n  u: {home", '\n  "../../u": {home'))
    study = fs.run_study(loads(RANDOM.replace("\n  u: {home", '\n  "..:u": {home')), 2, jobs=1, results=tmp_path)
    assert study.folder is not None
    paths = save(explain(study.folder, "..:u", jobs=1, tries=0), study.folder)
    assert [path.parent for path in paths] == [study.folder, study.folder]
    assert not [path for path in paths if ":" in path.name]
