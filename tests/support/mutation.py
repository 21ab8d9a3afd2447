"""Breaks a module in one small place at a time, in memory. No file is changed."""

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, Final, TypeAlias

Site: TypeAlias = tuple[Any, str, Any]
"""A node, what is done to it, and where in it."""
Walk: TypeAlias = Callable[[ast.AST], Iterator[ast.AST]]
"""The nodes of a module that may be changed, always in the same order."""
Function: TypeAlias = tuple[str, str, int]
"""File, qualified name, first line."""

_FLIPS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_EDGES: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_BITS: Final[dict[type[ast.operator], type[ast.operator]]] = {ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}
_SWAPS: Final = {"any": "all", "all": "any", "max": "min", "min": "max"}


@dataclass(frozen=True)
class Mutant:
    """One change of one file."""

    module: str
    path: Path
    line: int
    what: str
    number: int
    """Which of the file's changes."""
    function: Function | None
    """What it changes, a method or a function that stands in none; None for what is computed as the module loads."""
    alike: int
    """Which of the function's changes that are written alike."""
    walk: Walk
    thorough: bool

    @property
    def source(self) -> str:
        """The line, as it stands in the file."""
        return self.path.read_text(encoding="utf-8").splitlines()[self.line - 1].strip()

    def __str__(self) -> str:
        place = f"{self.path.parent.name}/{self.path.name}:{self.line}"
        return f"{place} {self.function[1] if self.function else '-'} [{self.alike}] {self.what}: {self.source}"


def mutants_of(path: Path, *, root: Path, walk: Walk, thorough: bool = False) -> list[Mutant]:
    """Every mutant of one file.

    Args:
        path: the file.
        root: the folder from which its module's name begins.
        walk: which nodes may be changed.
        thorough: whether edges of comparisons, operands, elements and returns are changed too.
    """
    module = ".".join(path.relative_to(root).with_suffix("").parts)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies, lines = list(_bodies(path, tree)), path.read_text(encoding="utf-8").splitlines()
    made, seen = list[Mutant](), Counter[tuple[object, ...]]()
    for number, (node, what, place) in enumerate(sites(tree, walk, thorough=thorough)):
        line = _line(node, place)
        function = _around(line, bodies)
        key = (function, what, lines[line - 1].strip())
        made.append(Mutant(module, path, line, what, number, function, seen[key], walk, thorough))
        seen[key] += 1
    return made


def _bodies(path: Path, node: ast.AST, prefix: str = "") -> Iterator[tuple[range, Function]]:
    """The lines of each function's body. A function inside of another is part of it."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                lines = range(child.body[0].lineno, (child.end_lineno or child.lineno) + 1)
                yield lines, (str(path), prefix + child.name, first)
            case ast.ClassDef():
                yield from _bodies(path, child, f"{prefix}{child.name}.")
            case _:
                yield from _bodies(path, child, prefix)


def _around(line: int, bodies: list[tuple[range, Function]]) -> Function | None:
    return next((function for lines, function in bodies if line in lines), None)


def sites(tree: ast.Module, walk: Walk, *, thorough: bool) -> Iterator[Site]:
    """Every change."""
    for node in walk(tree):
        yield from _plain_sites(node)
        if thorough:
            yield from _thorough_sites(node)
        yield from _dropped(node, thorough=thorough)


def _plain_sites(node: ast.AST) -> Iterator[Site]:
    match node:
        case ast.If():
            yield node, "negate the condition", None
        case ast.Compare(ops=operators):
            yield from ((node, "flip the comparison", place) for place, one in enumerate(operators))
        case ast.BoolOp():
            yield node, "swap and, or", None
        case ast.Constant(value=bool() | int() | str() as value) if not _is_prose(value):
            yield node, "change the constant", None
        case ast.Dict():
            yield from ((node, "remove an entry", place) for place in range(len(node.keys)))
        case _:
            pass


def _thorough_sites(node: ast.AST) -> Iterator[Site]:
    match node:
        case ast.Compare(ops=operators):
            yield from ((node, "move the edge", place) for place, one in enumerate(operators) if type(one) in _EDGES)
        case ast.BoolOp(values=values):
            yield from ((node, "remove an operand", place) for place in range(len(values)))
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield node, "take the not away", None
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()) | ast.AugAssign(op=ast.BitAnd() | ast.BitOr()):
            yield node, "swap bits", None
        case ast.IfExp():
            yield node, "swap the branches", None
        case ast.comprehension(ifs=ifs):
            yield from ((node, "remove a condition", place) for place in range(len(ifs)))
        case ast.Set(elts=elements) | ast.Tuple(elts=elements, ctx=ast.Load()) | ast.List(elts=elements):
            yield from ((node, "remove an element", place) for place in range(len(elements)))
        case ast.Call(func=ast.Name(id=name)) if name in _SWAPS:
            yield node, "swap any, all", None
        case _:
            pass


def _is_prose(value: object) -> bool:
    """Sentences for a person, whose words no test should fix."""
    return isinstance(value, str) and (" " in value or not value)


def _dropped(node: ast.AST, *, thorough: bool) -> Iterator[Site]:
    for name in ("body", "orelse"):
        block = getattr(node, name, None)
        for place, statement in enumerate(block if isinstance(block, list) else ()):
            if _is_dropped(statement) or (thorough and _is_said(statement)):
                yield node, "drop a statement", (name, place)


def _is_dropped(statement: ast.AST) -> bool:
    said = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    stored = isinstance(statement, ast.Assign) and not isinstance(statement.targets[0], ast.Name)
    return said or stored or isinstance(statement, ast.AugAssign | ast.If | ast.Delete)


def _is_said(statement: ast.AST) -> bool:
    """What a function gives, or ends with."""
    yielded = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield | ast.YieldFrom)
    return yielded or isinstance(statement, ast.Return | ast.Continue | ast.Raise)


def every_node(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes that do something: no docstrings, no types, no sentences, no imports, no defaults of arguments."""
    for child in ast.iter_child_nodes(tree):
        match child:
            case ast.Import() | ast.ImportFrom() | ast.arguments() | ast.JoinedStr() | ast.Expr(value=ast.Constant()):
                continue
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield child
                for statement in child.body:
                    yield from (() if is_docstring(statement) else _with_children(statement, every_node))
            case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")) | ast.Assign(targets=[ast.Name(id="__slots__")]):
                continue
            case ast.AnnAssign():
                yield from _with_children(child.value, every_node) if child.value else ()
            case _:
                yield from _with_children(child, every_node)


def _with_children(node: ast.AST, walk: Walk) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.AnnAssign):
        yield from walk(ast.Module(body=[node], type_ignores=[]))  # type: ignore[list-item]  # a statement
        return
    if isinstance(node, ast.JoinedStr):
        return
    yield node
    yield from walk(node)


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def mutate(tree: ast.Module, mutant: Mutant) -> ast.Module:
    """A copy with one change."""
    changed = copy.deepcopy(tree)
    everything = sites(changed, mutant.walk, thorough=mutant.thorough)
    node, what, place = next(each for number, each in enumerate(everything) if number == mutant.number)
    _CHANGES[what](node, place)
    return ast.fix_missing_locations(changed)


def _negate(node: Any, _: Any) -> None:
    node.test = ast.UnaryOp(ast.Not(), node.test)


def _flip(node: Any, place: Any) -> None:
    node.ops[place] = _FLIPS[type(node.ops[place])]()


def _move_edge(node: Any, place: Any) -> None:
    node.ops[place] = _EDGES[type(node.ops[place])]()


def _swap_connective(node: Any, _: Any) -> None:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()


def _change_constant(node: Any, _: Any) -> None:
    value = node.value
    node.value = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}_zz"


def _remove_entry(node: Any, place: Any) -> None:
    del node.keys[place], node.values[place]


def _remove_operand(node: Any, place: Any) -> None:
    node.values[place] = ast.Constant(isinstance(node.op, ast.And))  # which decides nothing there


def _remove_element(node: Any, place: Any) -> None:
    del node.elts[place]


def _remove_condition(node: Any, place: Any) -> None:
    del node.ifs[place]


def _without_not(node: Any, _: Any) -> None:
    """`not x` becomes `not not x`, and `~x` becomes `~~x`."""
    node.operand = ast.UnaryOp(node.op, node.operand)


def _swap_bits(node: Any, _: Any) -> None:
    node.op = _BITS[type(node.op)]()


def _swap_branches(node: Any, _: Any) -> None:
    node.body, node.orelse = node.orelse, node.body


def _swap_name(node: Any, _: Any) -> None:
    node.func.id = _SWAPS[node.func.id]


def _drop(node: Any, place: Any) -> None:
    name, position = place
    getattr(node, name)[position] = ast.Pass()


_CHANGES: Final[dict[str, Callable[[Any, Any], None]]] = {
    "negate the condition": _negate,
    "flip the comparison": _flip,
    "move the edge": _move_edge,
    "swap and, or": _swap_connective,
    "change the constant": _change_constant,
    "remove an entry": _remove_entry,
    "remove an operand": _remove_operand,
    "remove an element": _remove_element,
    "remove a condition": _remove_condition,
    "take the not away": _without_not,
    "swap bits": _swap_bits,
    "swap the branches": _swap_branches,
    "swap any, all": _swap_name,
    "drop a statement": _drop,
}


def _line(node: ast.AST, place: Any) -> int:
    match node, place:
        case ast.Dict(), int():
            return (node.keys[place] or node.values[place]).lineno
        case ast.Set() | ast.Tuple() | ast.List(), int():
            return node.elts[place].lineno
        case ast.BoolOp(), int():
            return node.values[place].lineno
        case ast.comprehension(), int():
            return node.ifs[place].lineno
        case _, (str() as name, int() as position):
            statement: ast.stmt = getattr(node, name)[position]
            return statement.lineno
        case _:
            return int(getattr(node, "lineno", 1))


def code_of(mutant: Mutant) -> CodeType:
    """The code of the whole module, with the one change."""
    tree = ast.parse(mutant.path.read_text(encoding="utf-8"))
    return compile(mutate(tree, mutant), str(mutant.path), "exec")


def codes_in(code: CodeType) -> dict[Function, CodeType]:
    """The code of each function, wherever it stands."""
    found = {(code.co_filename, code.co_qualname, code.co_firstlineno): code}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found.update(codes_in(inner))
    return found
