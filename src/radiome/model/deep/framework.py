"""The package that derives networks, which not everybody has."""

from __future__ import annotations

from importlib import import_module

from radiome.base.errors import UserError

_PACKAGE = "autograd"


def require_framework() -> None:
    """Refuse to go on without it.

    Raises
    ------
    UserError
        Naming the extra that brings it.
    """
    try:
        import_module(_PACKAGE)
    except ImportError:
        raise UserError(
            f"networks need the package '{_PACKAGE}', which is not installed",
            where="deep",
            expected="the extra 'deep' of radiome",
            do="run: pip install 'radiome[deep]', or take the section 'deep' out of the plan",
        ) from None
