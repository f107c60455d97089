"""The command line: one file a command, with its arguments and what it does."""

from sklearn_scat._public import settle
from sklearn_scat.commands._parser import command_parser

__all__ = ["command_parser"]

settle(__name__)
