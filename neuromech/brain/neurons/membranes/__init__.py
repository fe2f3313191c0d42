"""Membranes made of ion channels, through Jaxley, which only the modules of this package import."""

from neuromech._lib.errors import InputError


def need_jaxley() -> None:
    """Raise `InputError` where Jaxley is not installed; says what to install."""
    try:
        import jaxley  # noqa: F401  (a module of it may have been imported before it was taken away)
    except ImportError:
        raise InputError(
            "ion channels (controller.detail=channels) need jaxley: pip install 'neuromech[channels]'"
        ) from None
