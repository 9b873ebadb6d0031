"""One run of a recipe: what it is told (seed, length) and what it tells (figures, pictures).

A recipe asks for it by ``Run.current()``. ``execute`` makes one for the command line; in a
notebook, or where the file is run by Python itself, it is made on the spot: pictures are then shown
in the notebook, or written to ``runs/recipes/NAME``.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import ArgumentError, UsageError
from lernwerk.language import translate as _
from lernwerk.recipes.reached import Reached
from lernwerk.utils.atomic import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

T = TypeVar("T")
Picture = NDArray[Any]

RUNS = Path("runs/recipes")
DOTS_PER_INCH = 150
DOTS_PER_INCH_OF_A_FILM = 90

_current: ContextVar[Run | None] = ContextVar("run of a recipe", default=None)


class Run:
    """The surroundings of one recipe while it runs.

    ``seed`` fixes everything that is drawn by chance; ``short`` asks for the form that tests run;
    ``out`` is the folder of the pictures, made when the first one is written.
    """

    def __init__(self, name: str, seed: int = 1, short: bool = False, out: Path | None = None):
        self.name = name
        self.seed = seed
        self.short = short
        self.out = RUNS / name if out is None else out
        self.reached: list[Reached] = []
        self.pictures: list[Path] = []

    @classmethod
    def current(cls) -> Run:
        """The run that has been started, or a new one; the seed is set for all of Lernwerk."""
        from lernwerk.utils import set_random_seed

        run = _current.get() or cls(Path(sys.argv[0]).stem or "recipe")
        set_random_seed(run.seed)
        return run

    # ---- what the recipe is told

    def choose(self, full: T, short: T) -> T:
        """The first value, or the second in a short run."""
        return short if self.short else full

    def generator(self) -> np.random.Generator:
        """A generator of random numbers that begins with the seed."""
        return np.random.default_rng(self.seed)

    def steps(self, values: Iterable[T], label: str = "") -> Iterator[T]:
        """The values one by one, with a bar of progress where somebody looks at a terminal."""
        if not sys.stderr.isatty():
            yield from values
            return
        from rich.console import Console
        from rich.progress import track

        yield from track(values, label, console=Console(stderr=True), transient=True)

    # ---- what it tells

    def reach(
        self,
        name: str,
        value: float,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
        unit: str = "",
    ) -> Reached:
        """Print a figure beside the one that is to be reached, and remember both.

        With the unit ``%`` the numbers are shares, 0 to 1. Raises ArgumentError without a bound.
        """
        if at_least is None and at_most is None:
            raise ArgumentError(f"{self.name}, reach", "at_least= or at_most=", "neither")
        found = Reached(name, float(value), at_least, at_most, unit)
        self.reached.append(found)
        print(found)
        return found

    def same(self, name: str, plain: Any, parts: Any, tolerance: float = 1e-6) -> None:
        """Print what plain NumPy and Lernwerk's parts found; UsageError where they differ.

        ``tolerance`` is relative to the largest number.
        """
        one, other = np.asarray(plain, np.float64), np.asarray(parts, np.float64)
        if one.shape != other.shape:
            raise UsageError(self.name, f"{name} of shape {one.shape}", other.shape)
        apart = float(np.max(np.abs(one - other), initial=0.0))
        if not apart <= tolerance * float(np.max(np.abs(one), initial=1.0)):
            raise UsageError(self.name, f"the same {name} both ways", f"{apart:.3g} apart")
        if one.size == 1:
            line = _("{name}: {plain:.8g} by hand, {parts:.8g} with Lernwerk")
            print(line.format(name=name, plain=one.item(), parts=other.item()))
        else:
            line = _("{name}: {count} numbers by hand and with Lernwerk, at most {apart:.1e} apart")
            print(line.format(name=name, count=one.size, apart=apart))

    def show(self, name: str, figure: Figure | Picture) -> None:
        """Show a figure or picture in a notebook; elsewhere write it as ``NAME.png``."""
        dots = DOTS_PER_INCH
        png = _as_png(_pixels(figure, dots) if isinstance(figure, np.ndarray) else figure, dots)
        self._give(png, f"{name}.png")

    def film(self, name: str, frames: Sequence[Figure | Picture], seconds: float = 0.1) -> None:
        """Show figures or pictures one after the other: ``NAME.gif``, each for so many seconds."""
        from PIL import Image

        if not len(frames):
            raise ArgumentError(f"{self.name}, film", "at least one frame", "none")
        dots = DOTS_PER_INCH_OF_A_FILM
        first, *others = (Image.fromarray(_pixels(each, dots)) for each in frames)
        buffer = io.BytesIO()
        first.save(
            buffer, "GIF", save_all=True, append_images=others, duration=1000 * seconds, loop=0
        )
        self._give(buffer.getvalue(), f"{name}.gif")

    def write(self, name: str, content: bytes) -> Path:
        """Write a file of another kind, a sound say, beside the pictures."""
        self.out.mkdir(parents=True, exist_ok=True)
        path = self.out / name
        with write_atomically(path) as partial:
            partial.write_bytes(content)
        return path

    def _give(self, content: bytes, name: str) -> None:
        if _current.get() is None and _in_notebook():
            from IPython.display import Image, display

            display(Image(content))
            return
        self.pictures.append(self.write(name, content))


def _in_notebook() -> bool:
    module = sys.modules.get("IPython")
    shell = None if module is None else module.get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def _as_png(figure: Figure | Picture, dots: int) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    if isinstance(figure, np.ndarray):
        Image.fromarray(figure).save(buffer, "PNG")
        return buffer.getvalue()
    from lernwerk.plots.style import styled

    with styled():
        figure.savefig(buffer, format="png", dpi=dots, facecolor="white")
    return buffer.getvalue()


# A picture of a few pixels is enlarged to about this height, pixel by pixel.
HEIGHT = 280


def _pixels(frame: Figure | Picture, dots: int) -> NDArray[np.uint8]:
    """A figure, or a picture enlarged, as whole numbers (h, w, 3)."""
    from PIL import Image

    from lernwerk.plots.style import picture_bytes

    if not isinstance(frame, np.ndarray):
        return np.asarray(Image.open(io.BytesIO(_as_png(frame, dots))).convert("RGB"))
    picture = picture_bytes(frame)
    times = max(1, HEIGHT // max(1, picture.shape[0]))
    large = picture.repeat(times, axis=0).repeat(times, axis=1)
    return np.asarray(Image.fromarray(large).convert("RGB"))
