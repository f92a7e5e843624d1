"""Execution providers as users name them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from sardonyx.capi import _pybind_state as C


def check_and_normalize_provider_args(
    providers: Sequence[str | tuple[str, dict]] | None,
    provider_options: Sequence[dict] | None,
    available_provider_names: Sequence[str],
):
    """The providers to use and their options, as two lists. Says so when one that was asked for is not there."""
    if not providers:
        return ["CPUExecutionProvider"], [{}]
    if isinstance(providers, str):
        raise ValueError("'providers' must be a sequence of names, not one name")
    pairs = list(_pairs(providers, provider_options))
    names: list[str] = []
    options: list[dict] = []
    for name, entries in pairs:
        if name not in C.get_all_providers():
            raise RuntimeError(f"Unknown Provider Type: {name}")
        if name not in available_provider_names:
            warnings.warn(
                f"Specified provider '{name}' is not in available provider names."
                f" Available providers: '{', '.join(available_provider_names)}'",
                stacklevel=5,
            )
        elif name in names:
            warnings.warn(f"Duplicate provider '{name}' encountered, ignoring.", stacklevel=5)
        else:
            names.append(name)
            options.append({str(key): str(value) for key, value in entries.items()})
    return (names, options) if names else (["CPUExecutionProvider"], [{}])


def _pairs(providers, provider_options):
    if provider_options is not None:
        if len(providers) != len(provider_options):
            raise ValueError("'providers' and 'provider_options' should be the same length if both are given.")
        if not all(isinstance(name, str) for name in providers):
            raise ValueError("Only string values for 'providers' are supported if 'provider_options' is given.")
        if not all(isinstance(entries, dict) for entries in provider_options):
            raise ValueError("'provider_options' values must be dicts.")
        yield from zip(providers, provider_options)
        return
    for provider in providers:
        if isinstance(provider, str):
            yield provider, {}
        elif (
            isinstance(provider, (tuple, list))
            and len(provider) == 2
            and isinstance(provider[0], str)
            and isinstance(provider[1], dict)
        ):
            yield provider
        else:
            raise ValueError("'providers' values must be either strings or (string, dict) tuples.")
