"""Nothing needs to be loaded before the extension module."""
