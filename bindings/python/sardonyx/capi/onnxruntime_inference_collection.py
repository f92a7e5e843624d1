"""The classes of the package, under the module name that programs import."""

from sardonyx.capi._inference import *  # noqa: F403
from sardonyx.capi._inference import Session, check_and_normalize_provider_args, get_ort_device_type  # noqa: F401
