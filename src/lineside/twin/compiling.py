"""How functions that only compiled code calls are compiled: in a third of the time numba takes by itself.

By itself it optimises every function, and makes machine code of it, together with all that it calls: in a tree of calls
that is the same code over and over. Here it is done once, by the entries. What is left is time spent on each
instruction, so there are fewer of them.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

from typing import Any

import numba
from numba.core import ir
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import FunctionPass, PassManager, register_pass
from numba.core.ir_utils import build_definitions, replace_vars
from numba.core.typed_passes import (
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.untyped_passes import FixupArgs, IRProcessing, ReconstructSSA, TranslateByteCode

from lineside.twin import cells as cell
from lineside.twin.layout import World

KNOWN = (0, 68)
"""The numba whose inner works these are; any other one compiles in its own way, which gives the same numbers later."""


class _Piece(JITCodeLibrary):
    """Code that is optimised and made machine code with the entries it becomes part of, not by itself."""

    def finalize(self) -> None:
        """Joins the code of what it calls, and no more."""
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)  # noqa: SLF001 (one of its kind)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)  # noqa: SLF001
        self._finalized = True

    def _optimize_functions(self, module: Any) -> None:
        """Left to the entries."""

    def get_pointer_to_function(self, name: str) -> int:
        """None: there is no machine code of its own."""
        del name
        return 0

    @property
    def codegen(self) -> Any:
        """Where the environment of machine code is set; see `set_env`."""
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """Nothing: only Python's objects need an environment."""


@register_pass(mutates_CFG=False, analysis_only=False)
class _Shortened(FunctionPass):
    """Writes cells as the numbers they are, and looks up each part of a World, which is never set anew, once."""

    _name = "lineside_shortened"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        """Drops what is not needed out of each block; always changes something."""
        blocks = state.func_ir.blocks
        shorter = _Shorter(blocks[min(blocks)], state.args)
        for block in blocks.values():
            block.body = [line for line in block.body if not (isinstance(line, ir.Assign) and shorter.drops(line))]
        replace_vars(blocks, shorter.same)
        shorter.hoist()
        state.func_ir._definitions = build_definitions(blocks)  # noqa: SLF001 (as numba's own passes do)
        return True


class _Shorter:
    """What was found while a function is gone through."""

    def __init__(self, first: Any, types_of_arguments: Any) -> None:
        self._first = first
        arguments: list[Any] = [
            line for line in first.body if isinstance(line, ir.Assign) and isinstance(line.value, ir.Arg)
        ]
        self._worlds = {
            line.target.name
            for line in arguments
            if getattr(types_of_arguments[line.value.index], "instance_class", None) is World
        }
        self._after_arguments = len(arguments)
        self._cells: set[str] = set()
        self._bools: set[str] = set()
        self._parts: dict[tuple[str, str], Any] = {}
        self.same: dict[str, Any] = {}
        """Variables that are others by another name."""

    def drops(self, line: Any) -> bool:
        """Whether a line is not needed; may write another value into it."""
        value, name = line.value, line.target.name
        if not name.startswith("$") or name.startswith("$phi"):  # what may be set more than once
            return False
        if isinstance(value, ir.Global):
            return self._drops_global(value.value, name)
        if not isinstance(value, ir.Expr):
            return False
        if value.op == "getattr":
            if value.value.name in self._cells:
                line.value = ir.Const(getattr(cell, value.attr), value.loc)
            elif value.value.name in self._worlds:
                self.same[name] = self._part(value)
                return True
        elif value.op == "call" and value.func.name in self._bools:
            self.same[name] = value.args[0]
            return True
        return False

    def _drops_global(self, value: Any, name: str) -> bool:
        if value is cell:
            self._cells.add(name)
        elif value is bool and name.startswith("$bool"):  # what a branch asks before it asks for itself
            self._bools.add(name)
        else:
            return False
        return True

    def _part(self, value: Any) -> Any:
        """The variable that holds a part of a World."""
        key = value.value.name, value.attr
        if key not in self._parts:
            variable = self._first.scope.redefine("_".join(("part", *key)), value.loc)
            found = ir.Expr.getattr(value.value, value.attr, value.loc)
            self._parts[key] = ir.Assign(found, variable, value.loc)
        return self._parts[key].target

    def hoist(self) -> None:
        """Looks the parts of the World up before all else."""
        at = self._after_arguments
        self._first.body[at:at] = list(self._parts.values())


class _Pieces(Compiler):
    def define_pipelines(self) -> Any:
        """The passes that code without Python's objects needs."""
        state = self.state
        state.library = _Piece(state.targetctx.codegen(), state.func_id.func_qualname)
        passes = PassManager("lineside_pieces")
        for step in (
            TranslateByteCode,
            FixupArgs,
            _Shortened,
            IRProcessing,
            ReconstructSSA,
            NopythonTypeInference,
            PreLowerStripPhis,
            IRLegalization,
            NativeLowering,
            NoPythonBackend,
        ):
            passes.add_pass(step, step.__name__)
        passes.finalize()
        return [passes]


PIPELINE: Any = _Pieces if numba.version_info.short == KNOWN else Compiler
"""What compiles them."""
