"""`python -m promises`: the table of docs/reliability.md; `--write` prints it there, `--check` compares."""

import argparse
import sys

from promises import results


def main() -> int:
    """Do as the options say."""
    parser = argparse.ArgumentParser(prog="python -m promises", description=__doc__)
    parser.add_argument("--write", action="store_true", help="print it into docs/reliability.md")
    parser.add_argument("--check", action="store_true", help="fail when docs/reliability.md has another")
    options = parser.parse_args()
    if options.write:
        results.DOCUMENT.write_text(results.document(), encoding="utf-8")
    elif options.check:
        if results.document() != results.DOCUMENT.read_text(encoding="utf-8"):
            print("docs/reliability.md differs from promises/: run `python -m promises --write`.")
            return 1
    else:
        print(results.table(results.read()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
