"""What MiniStack 1.5.33 lacks or gets wrong for the storefront, one concern in each file. `python -m plugin` starts it.

It reaches into private functions, so the version is pinned. A repair that finds another text than it expects stops the
start: a new version of the emulator is met by an error that names the repair, never by a repair that does nothing.
"""
