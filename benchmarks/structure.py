"""The layers of the code, what its imports say of them, and the counts in docs/architecture.md.

    python -m benchmarks.structure            print both tables
    python -m benchmarks.structure --write    put them into docs/architecture.md

An import inside a function or under TYPE_CHECKING counts as any other.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

__all__ = [
    "BESIDE",
    "LAYERS",
    "PACKAGE",
    "PAGE",
    "ROOT",
    "Breach",
    "Code",
    "breaches",
    "circle",
    "counts",
    "document",
    "packages",
    "with_parts",
]

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = "eptura_scim"
BESIDE = ("acceptance", "benchmarks", "tests")

LAYERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "eptura_scim": (
        (
            "types",
            "errors",
            "environment",
            "sealing",
            "report",
            "pulumi_internals",
            "input_rules",
            "quantities",
            "jwt_claims",
            "unreachable",
        ),
        ("expressions", "graph", "plugin_sdk", "engine", "resources", "extras", "page", "token_expiry"),
        ("mapping", "phones"),
        ("documented", "provider", "azuread_stand_in", "local_entra"),
        ("settings",),
        ("component", "alerts", "adoption", "doctor", "jobs"),
        ("simulation", "operations"),
        ("cli",),
        ("__main__",),
    ),
    "eptura_scim.local_entra": (
        ("tenant", "errors", "strict_json", "switches", "clock"),
        ("state_files", "permissions", "odata"),
        ("certificates",),
        ("https",),
        ("storage",),
        ("directory", "scim_server"),
        ("synchronization",),
        ("provisioning", "portal"),
        ("parts",),
        ("api",),
        ("web",),
        ("server",),
        ("background", "__main__"),
    ),
}
"""The rooms of a package from the ground up: a room imports only from the lines before its own."""


@dataclass(frozen=True, order=True)
class Breach:
    """An import that the layers do not allow."""

    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported}"


class Code:
    """The modules below a folder, and which of them each imports."""

    def __init__(self, root: Path, packages: Iterable[str]) -> None:
        self.files = {_name(root, path): path for package in packages for path in (root / package).rglob("*.py")}
        self.imports = {name: frozenset(self._imports(name)) - {name} for name in self.files}

    def _imports(self, name: str) -> Iterator[str]:
        path = self.files[name]
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name in self.files)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    parts = package.split(".")
                    base = ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])
                for alias in node.names:
                    found = f"{base}.{alias.name}" if f"{base}.{alias.name}" in self.files else base
                    if found in self.files:
                        yield found

    def rooms(self, package: str) -> dict[str, frozenset[str]]:
        """The modules and packages directly in a package, and which of each other they import."""
        found: dict[str, set[str]] = {}
        for name, imported in self.imports.items():
            if (room := _room(package, name)) is None:
                continue
            others = {_room(package, one) for one in imported} - {room, None}
            found.setdefault(room, set()).update(one for one in others if one)
        return {room: frozenset(imported) for room, imported in found.items()}


def packages(code: Code) -> list[str]:
    """The packages with at least two rooms, by name."""
    return sorted(name for name, path in code.files.items() if path.name == "__init__.py" and len(code.rooms(name)) > 1)


def breaches(code: Code) -> list[Breach]:
    """Imports from the same line or from a later one, rooms that are in no line, and imports of what stands beside."""
    found = [
        Breach(name, imported)
        for name, all_imported in code.imports.items()
        for imported in all_imported
        if name.partition(".")[0] == PACKAGE and imported.partition(".")[0] in BESIDE
    ]
    for package, layers in LAYERS.items():
        line_of = {room: number for number, line in enumerate(layers) for room in line}
        for name, all_imported in code.imports.items():
            if (room := _room(package, name)) is None:
                continue
            for imported in all_imported:
                other = _room(package, imported)
                if other in {None, room}:
                    continue
                if other not in line_of or line_of.get(room, -1) <= line_of[other]:
                    found.append(Breach(name, imported))
    return sorted(found)


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """The names of a circle, the first again at its end; empty without a circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@dataclass(frozen=True)
class Count:
    """What a package's imports amount to."""

    package: str
    rooms: int
    floors: int
    """The longest chain of rooms that import each other."""
    edges: int
    """Pairs of rooms of which one imports the other."""
    circles: int


def counts(code: Code, names: Iterable[str]) -> list[Count]:
    """The counts of packages."""
    return [_count(code, name) for name in names]


def _count(code: Code, package: str) -> Count:
    rooms = code.rooms(package)
    has_circle = bool(circle(rooms))
    return Count(
        package,
        rooms=len(rooms),
        floors=0 if has_circle else _floors(rooms),
        edges=sum(map(len, rooms.values())),
        circles=int(has_circle),
    )


def _floors(rooms: Mapping[str, frozenset[str]]) -> int:
    height: dict[str, int] = {}
    for room in TopologicalSorter(rooms).static_order():
        height[room] = 1 + max((height[one] for one in rooms[room]), default=0)
    return max(height.values(), default=0)


def document(code: Code) -> dict[str, str]:
    """The generated parts of the page by the name of their marker."""
    parts = {package: _layers(layers) for package, layers in LAYERS.items()}
    lines = ["| package | rooms | floors | imports between rooms | circles |", "|---|--:|--:|--:|--:|"]
    lines += [
        f"| `{one.package.removeprefix(PACKAGE + '.')}` | {one.rooms} | {one.floors} | {one.edges} | {one.circles} |"
        for one in counts(code, packages(code))
    ]
    return {**parts, "counts": "\n".join(lines)}


def with_parts(text: str, parts: Mapping[str, str]) -> str:
    """The page with its generated parts replaced. Raises ValueError for a marker that the page does not have."""
    for name, part in parts.items():
        begin, end = f"<!-- generated: {name} -->\n", "<!-- end -->"
        before, found, rest = text.partition(begin)
        if not found or end not in rest:
            raise ValueError(f"{PAGE} has no part {name}")
        text = f"{before}{begin}{part}\n{rest[rest.index(end) :]}"
    return text


def _layers(layers: tuple[tuple[str, ...], ...]) -> str:
    lines = [f"{number:>2}  {'  '.join(line)}" for number, line in enumerate(layers, 1)]
    return "\n".join(["```text", *lines, "```"])


def _name(root: Path, path: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _room(package: str, name: str) -> str | None:
    """The room of a package that a module is in; None for the package's own module and for all others."""
    if not name.startswith(f"{package}."):
        return None
    return name.removeprefix(f"{package}.").partition(".")[0]


def main() -> None:
    """Print the tables, or write them into the page."""
    parts = document(Code(ROOT, [PACKAGE]))
    if "--write" in sys.argv[1:]:
        PAGE.write_text(with_parts(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
    else:
        print("\n\n".join(parts.values()))


if __name__ == "__main__":
    main()
