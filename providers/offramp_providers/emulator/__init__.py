"""Strict vendor emulators on real sockets: the other side of the wire, for rehearsals and tests.

They share no code with the codecs, so that a mistake there is not repeated here. They are not models: answers are made
up, by seed and by the directives in the README of this folder.
"""

from .config import Behaviour, Dialect, EmulatorConfig
from .server import Emulator, serve

__all__ = ["Behaviour", "Dialect", "Emulator", "EmulatorConfig", "serve"]
