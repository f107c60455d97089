"""Door to the native kernel."""


def available():
    """Say whether the kernel can be used here."""
    return False


def describe():
    """Return the kernel's name, or why it is not available."""
    return "the native kernel was not built"
