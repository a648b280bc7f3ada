"""The page's third-party files: pinned here, kept in `static/vendor`, verified without a network.

`python -m api.page.vendor` downloads them again with the npm client (which checks its own integrity sums) and rewrites
the MANIFEST. `python -m api.page.vendor --check` compares every file with the MANIFEST and exits 1 when one differs.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "vendor"
MANIFEST = "MANIFEST.json"


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package: where its files go, and which of them the page uses (the LICENSE always comes along)."""

    folder: str
    name: str
    version: str
    licence: str
    files: tuple[str, ...]


PACKAGES = (
    Package("uplot", "uplot", "1.6.32", "MIT", ("dist/uPlot.iife.min.js", "dist/uPlot.min.css")),
    Package(
        "figtree",
        "@fontsource-variable/figtree",
        "5.3.0",
        "OFL-1.1",
        ("files/figtree-latin-wght-normal.woff2", "files/figtree-latin-ext-wght-normal.woff2"),
    ),
    Package(
        "newsreader",
        "@fontsource-variable/newsreader",
        "5.3.0",
        "OFL-1.1",
        ("files/newsreader-latin-wght-normal.woff2", "files/newsreader-latin-ext-wght-normal.woff2"),
    ),
)


class VendorError(Exception):
    """The vendored files cannot be read or fetched; the message says what to do."""


def sha256(path: Path) -> str:
    """The file's SHA-256 as hexadecimal text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def differences(folder: Path = FOLDER) -> list[str]:
    """Compare `folder` with its MANIFEST; one sentence for every file that is changed, missing or unknown.

    Raises:
        VendorError: the MANIFEST is missing or is not JSON of the expected shape.
    """
    expected = _read_manifest(folder)
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST}
    missing = [f"{name} is missing" for name in sorted(expected.keys() - found.keys())]
    unknown = [f"{name} is not in the {MANIFEST}" for name in sorted(found.keys() - expected.keys())]
    changed = [
        f"{name} has changed: expected sha256 {expected[name]}, found {digest}"
        for name in sorted(expected.keys() & found.keys())
        if (digest := sha256(found[name])) != expected[name]
    ]
    return missing + unknown + changed


def download(folder: Path = FOLDER) -> None:
    """Fetch every package again into `folder` and rewrite its MANIFEST.

    Raises:
        VendorError: npm is not installed, or it could not fetch a package.
    """
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / "vendor"
        for package in PACKAGES:
            _unpack(_npm_pack(package, Path(scratch)), package, fresh / package.folder)
        (fresh / MANIFEST).write_text(json.dumps(_manifest_of(fresh), indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(fresh, folder)


def main(arguments: Sequence[str] | None = None, folder: Path = FOLDER) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m api.page.vendor", description="The page's third-party files.")
    parser.add_argument("--check", action="store_true", help="only compare the files with the MANIFEST, offline")
    try:
        if not parser.parse_args(arguments).check:
            download(folder)
        found = differences(folder)
    except VendorError as error:
        found = [str(error)]
    for line in found:
        sys.stderr.write(f"vendor: {line}\n")
    if found:
        sys.stderr.write("vendor: run `python -m api.page.vendor` to fetch the pinned files again\n")
        return 1
    sys.stdout.write(f"vendor: every file in {folder.name}/ is as the {MANIFEST} says\n")
    return 0


def _read_manifest(folder: Path) -> dict[str, str]:
    try:
        packages = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["packages"]
        return {name: digest for package in packages for name, digest in package["sha256"].items()}
    except FileNotFoundError:
        raise VendorError(f"there is no {MANIFEST} in {folder}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VendorError(f"{folder / MANIFEST} cannot be read as a manifest") from None


def _manifest_of(folder: Path) -> dict[str, object]:
    def files(package: Package) -> dict[str, str]:
        paths = sorted((folder / package.folder).iterdir())
        return {path.relative_to(folder).as_posix(): sha256(path) for path in paths}

    return {
        "packages": [{"name": p.name, "version": p.version, "licence": p.licence, "sha256": files(p)} for p in PACKAGES]
    }


def _npm_pack(package: Package, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise VendorError("npm is not installed; it is needed to download, not to --check")
    wanted = f"{package.name}@{package.version}"
    packed = subprocess.run(  # noqa: S603 -- our own command with the pinned names above
        [npm, "pack", "--silent", "--pack-destination", str(folder), wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    if packed.returncode != 0:
        raise VendorError(f"npm could not fetch {wanted}: {packed.stderr.strip()}")
    return folder / packed.stdout.strip().splitlines()[-1]


def _unpack(archive: Path, package: Package, folder: Path) -> None:
    folder.mkdir(parents=True)
    with tarfile.open(archive) as packed:
        for name in ("LICENSE", *package.files):
            member = packed.extractfile(f"package/{name}")
            if member is None:
                raise VendorError(f"{package.name} {package.version} holds no file {name}")
            (folder / Path(name).name).write_bytes(member.read())


if __name__ == "__main__":
    sys.exit(main())
