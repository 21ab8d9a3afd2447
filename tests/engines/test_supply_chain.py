"""A LiteLLM that is known to be malicious does not run, and what starts itself beside one is told."""

from pathlib import Path

import pytest

from offramp.errors import ConfigurationError
from offramp_providers.engines.supply_chain import MALICIOUS, Release, foreign_start_files, refuse_malicious


def installed(site: Path, name: str, version: str, *files: str) -> None:
    """A distribution as pip leaves it."""
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
    (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files), "utf-8")


@pytest.mark.parametrize("version", sorted(MALICIOUS))
def test_a_malicious_release_is_refused(version: str):
    with pytest.raises(ConfigurationError, match=f"LiteLLM {version} is installed, a release that steals") as raised:
        refuse_malicious(Release(version, site=Path()), where="a")

    assert raised.value.mend is not None


def test_another_release_is_not_refused():
    refuse_malicious(Release("1.110.2", site=Path()), where="a")


def test_the_extra_refuses_the_malicious_releases_at_install():
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")

    assert [version for version in MALICIOUS if f"!={version}" not in project] == []


def test_a_start_file_that_no_package_lists_is_told(tmp_path: Path):
    installed(tmp_path, "litellm", "1.110.2", "litellm/__init__.py")
    (tmp_path / "evil.pth").write_text("import os; os.system('true')\n", "utf-8")

    told = foreign_start_files(Release("1.110.2", site=tmp_path))

    assert len(told) == 1
    assert f"{tmp_path / 'evil.pth'} runs code at every start" in told[0]


def test_a_start_file_of_litellm_s_own_is_told(tmp_path: Path):
    installed(tmp_path, "litellm", "1.82.8", "litellm_init.pth")
    (tmp_path / "litellm_init.pth").write_text("import base64\n", "utf-8")

    assert len(foreign_start_files(Release("1.82.8", site=tmp_path))) == 1


def test_a_start_file_of_another_package_is_not_foreign(tmp_path: Path):
    installed(tmp_path, "setuptools", "80", "distutils-precedence.pth")
    (tmp_path / "distutils-precedence.pth").write_text("import os\n", "utf-8")

    assert foreign_start_files(Release("1.110.2", site=tmp_path)) == ()


def test_a_file_that_only_names_folders_runs_nothing(tmp_path: Path):
    (tmp_path / "paths.pth").write_text("/opt/lib\n# import os\n  import os\n", "utf-8")

    assert foreign_start_files(Release("1.110.2", site=tmp_path)) == ()


@pytest.mark.parametrize("line", ["import os", "import\tos", "/opt/lib\nimport os"])
def test_any_line_that_runs_is_enough(tmp_path: Path, line: str):
    (tmp_path / "a.pth").write_text(line, "utf-8")

    assert len(foreign_start_files(Release("1.110.2", site=tmp_path))) == 1


def test_a_start_file_that_cannot_be_read_is_told(tmp_path: Path):
    (tmp_path / "a.pth").mkdir()

    assert len(foreign_start_files(Release("1.110.2", site=tmp_path))) == 1
