"""Checks that other packages call before they import the rest."""

from sardonyx import _version


def check_distro_info():
    """Every distribution that the wheel installs on will do."""


def get_package_name_and_version_info():
    return "sardonyx", _version.compatible, ""


def check_training_module():
    """(has training modules, names of the package, version, CUDA version)."""
    return False, "sardonyx", _version.compatible, ""
