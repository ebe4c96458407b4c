"""Sets the tripwire in every process of a program, as soon as it has imported PyTorch."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Optional


class _AfterTorch:
    """Finds nothing itself: it lets the others find `torch` and then adds the tripwire to its loading."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        if name != "torch":
            return None
        sys.meta_path.remove(self)  # type: ignore[arg-type]
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                import tripwire

                tripwire.set_up()

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _AfterTorch())  # type: ignore[arg-type]
