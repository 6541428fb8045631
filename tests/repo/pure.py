"""The modules that reach no Django, no database, no clock and no chance: typed strictly, importable alone.

`python -m tests.repo.pure` prints their paths; `make check` hands them to mypy.
"""

from __future__ import annotations

from pathlib import Path

from tests.repo import tree

LEDGER_CORE = ("codec", "hlc", "merge", "shapes")
BESIDE = ("gateway/codes", "alerts/clocks", "alerts/climbing", "alerts/rates", "sim/country", "sim/month")


def paths() -> list[Path]:
    kernel = sorted((tree.SRC / "kernel").glob("*.py"))
    core = [tree.SRC / "ledger" / f"{name}.py" for name in LEDGER_CORE]
    apps = [path for name in ("rules", "upcasts") for path in sorted(tree.SRC.glob(f"*/{name}.py"))]
    beside = [tree.SRC / f"{name}.py" for name in BESIDE]
    return [*kernel, *core, *apps, *beside]


def modules() -> list[str]:
    return [".".join(path.relative_to(tree.SRC.parent).with_suffix("").parts) for path in paths()]


if __name__ == "__main__":
    print("\n".join(tree.named(path) for path in paths()))
