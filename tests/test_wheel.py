"""The wheel carries all that mailbot needs, so that the `mailbot` script works from any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: Folder in the repository -> where its files lie in the wheel.
SHIPPED = {
    "config": "mailbot/share",
    "mailbot/templates": "mailbot/templates",
    "mailbot/store/migrations": "mailbot/store/migrations",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content, as an installation would lay it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("mailbot-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize("folder", SHIPPED)
def test_every_file_of_the_folder_is_in_the_wheel(installed: Path, folder: str):
    files = [file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    missing = [file for file in files if not (installed / SHIPPED[folder] / file.relative_to(ROOT / folder)).is_file()]
    assert files != []
    assert missing == []


def test_an_installation_finds_its_own_process_files_from_any_folder(installed: Path, tmp_path: Path):
    ask = "from mailbot.shipped import shipped; print(shipped('processes/modera.toml'))"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    answer = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    assert Path(answer.stdout.strip()) == installed / "mailbot" / "share" / "processes" / "modera.toml"


def test_a_checkout_finds_the_process_files_at_its_top(tmp_path: Path):
    ask = "from mailbot.shipped import shipped; print(shipped('processes'))"
    answer = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert Path(answer.stdout.strip()) == ROOT / "config" / "processes"


def test_the_wheel_gives_the_script(installed: Path):
    (entry_points,) = installed.glob("mailbot-*.dist-info/entry_points.txt")
    assert "mailbot = mailbot.cli:main" in entry_points.read_text(encoding="utf-8")
