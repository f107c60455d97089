"""The command `completion`: what a shell needs to complete the other commands."""

_DESCRIPTION = """\
Print a script that lets a shell complete commands and options by the tab key. Source it
in the shell's start-up file.
"""


def add_completion(parts):
    """Add the command to the parser's parts, and return its own parser."""
    parser = parts.add_parser(
        "completion", help="let a shell complete commands", description=_DESCRIPTION
    )
    parser.add_argument("shell", choices=["bash", "zsh", "tcsh"])
    parser.set_defaults(run=completion)
    return parser


def completion(arguments):
    """Run it, and return the exit code."""
    try:
        import shtab
    except ImportError:
        raise ImportError(
            "completion needs the package shtab: python -m pip install shtab"
        ) from None
    print(shtab.complete(arguments.parser, shell=arguments.shell))
    return 0
