from __future__ import annotations

import subprocess
import sys

import pytest
import tuneset.review_app


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("name", tuneset.review_app.__all__)
def test_every_public_name_loads(name: str) -> None:
    assert callable(getattr(tuneset.review_app, name))


def test_a_module_never_hides_the_function_of_its_name() -> None:
    first = "from tuneset.review_app.approve import approve; import tuneset.review_app as r"
    assert _run(f"{first}; print(r.approve is approve)") == "True"


def test_the_package_alone_loads_nothing_heavy() -> None:
    heavy = "('pyarrow', 'pandas', 'streamlit')"
    code = f"import sys, tuneset.review_app; print([m for m in {heavy} if m in sys.modules])"
    assert _run(code) == "[]"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = tuneset.review_app.nothing_such
