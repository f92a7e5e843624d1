"""What programs ask to learn which package they run on."""

from sardonyx import _version

package_name = "sardonyx"
__version__ = _version.compatible
