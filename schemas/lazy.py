"""Packages whose public names are loaded when they are first asked for, so that importing costs nothing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from types import ModuleType


class LazyPackage(ModuleType):
    """A package with public names that live in its modules; a module never hides a function of its name."""

    homes: Mapping[str, str]

    def __getattr__(self, name: str) -> object:
        homes = self.__dict__.get("homes", {})
        if name not in homes:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f".{homes[name]}", self.__name__), name)
        super().__setattr__(name, value)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        if name in self.__dict__.get("homes", {}) and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.homes})


def make_lazy(package: str, homes: Mapping[str, str]) -> None:
    """Turn an imported package into a lazy one.

    Args:
        package: The package's `__name__`.
        homes: Public name to the module that defines it.
    """
    module = sys.modules[package]
    module.__dict__["homes"] = homes
    module.__class__ = LazyPackage
