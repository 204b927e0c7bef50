"""What the page works on: read in the background, so that the page itself is there at once."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from gan_lab.errors import UserError

if TYPE_CHECKING:
    from gan_lab.explore.direction import Direction
    from gan_lab.explore.explorer import LatentExplorer
    from gan_lab.page.atlas import Atlas
    from gan_lab.page.stage import Stage

Tell = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Bench:
    """All that a callback needs.

    Attributes:
        name: Name of the run.
        explorer: Its latent space.
        atlas: Its maps.
        stage: Draws its samples.
        keep: Saves a direction for later.
    """

    name: str
    explorer: "LatentExplorer"
    atlas: "Atlas"
    stage: "Stage"
    keep: "Callable[[Direction], None]"


class Workbench:
    """A `Bench` that is prepared when a page first asks for it.

    Reading a run keeps Python busy for seconds; begun earlier, it would delay the page itself.

    Attributes:
        stage: What is being done now, in words.
        error: Why it failed; empty as long as it did not.
        inverting: Held by the one inversion that may run.
    """

    def __init__(self, prepare: Callable[[Tell], Bench]) -> None:
        """Take on the work, without beginning it.

        Args:
            prepare: Reads everything; it is told where to say what it is doing.
        """
        self.stage, self.error = "Starting", ""
        self.inverting = Lock()
        self._bench: Bench | None = None
        self._done = Event()
        self._begun = Lock()
        self._prepare = prepare

    def begin(self) -> None:
        """Begin in the background; asked again, do nothing."""
        if self._begun.acquire(blocking=False):
            Thread(target=self._work, name="workbench", daemon=True).start()

    @property
    def ready(self) -> bool:
        """Whether the bench is there."""
        return self._bench is not None

    @property
    def bench(self) -> Bench:
        """The bench.

        Raises:
            UserError: If it is not ready, or never will be.
        """
        if self._bench is None:
            raise UserError(self.error or "the page is still being prepared; wait a moment")
        return self._bench

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is ready or has failed; False if that takes longer."""
        return self._done.wait(seconds)

    def _work(self) -> None:
        try:
            self._bench = self._prepare(self._tell)
        except UserError as error:
            self.error = str(error)
        except Exception as error:
            self.error = f"this is a mistake of the program: {type(error).__name__}: {error}"
        finally:
            self._done.set()

    def _tell(self, stage: str) -> None:
        self.stage = stage
