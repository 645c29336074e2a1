"""Counts what came of the cases of a client, and shows those that differ."""

import os
import sys
import time
import traceback


LONGEST = 400


def shortened(text: str) -> str:
    """The text in one line that can be read."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


class Report:
    """The cases of one client."""

    def __init__(self, client: str) -> None:
        self._client = client
        self._started = time.monotonic()
        self._passed = 0
        self._refused = 0
        self._differing = 0
        self._shows_all = bool(os.environ.get("CLIENTS_VERBOSE"))

    def case(self, name: str, run, *arguments) -> None:
        """A right use that must work, or a wrong one that must fail as documented."""
        if self._holds(name, run, arguments):
            self._passed += 1

    def refusal(self, name: str, run, *arguments) -> None:
        """A use of something that the local cloud does not have, which it must say."""
        if self._holds(name, run, arguments):
            self._refused += 1

    def differs(self, name: str, why: str) -> None:
        """A case that went wrong before it was tried."""
        self._differing += 1
        print(f"differs: {name}\n    {shortened(why)}")

    def _holds(self, name: str, run, arguments: tuple) -> bool:
        try:
            run(*arguments)
        except Exception as error:  # Whatever a client throws, the other cases go on.
            why = str(error).strip() or type(error).__name__
            self.differs(name, f"{type(error).__name__}: {why}")
            if self._shows_all:
                traceback.print_exc(file=sys.stdout)
            return False
        if self._shows_all:
            print(f"ok: {name}")
        return True

    def finish(self) -> int:
        """Prints the figures; the status of the program."""
        seconds = time.monotonic() - self._started
        print(
            f"{self._client}: {self._passed} passed, {self._refused} refused by name, "
            f"{self._differing} differing ({seconds:.1f} s)"
        )
        if self._passed == 0:
            print(f"{self._client}: nothing was tried")
        return 1 if self._differing or not self._passed else 0
