"""Build the site into site/, by `make docs` or wherever the extra `docs` is installed.

First the notes of the content are copied and the tutorials are run; then the pages are made, and it is an
error if any of them has a warning, a link that leads nowhere, or loads something from another machine.
With --no-tutorials those that were run before stay as they are, and the others are shown without output.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys

import links
import mirror
import tutorials


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-tutorials", action="store_true", help="do not run the tutorials")
    options = parser.parse_args()
    mirror.mirror()
    failed = tutorials.write_all(run=not options.no_tutorials)
    if failed:
        print(f"these tutorials failed: {', '.join(failed)}", file=sys.stderr)
        return 1
    site = mirror.ROOT / "site"
    shutil.rmtree(site, ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    if subprocess.run(command, cwd=mirror.ROOT).returncode:
        return 1
    broken = links.problems(site)
    print("\n".join(broken), file=sys.stderr)
    if not broken:
        print(f"open {site / 'index.html'}")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
