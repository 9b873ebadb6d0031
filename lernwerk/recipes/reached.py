"""A figure that a recipe reached, beside the one that it was to reach."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lernwerk.language import translate as _


@dataclass(frozen=True)
class Reached:
    """One measured figure and its bounds; None where there is no bound.

    With the unit ``%`` value and bounds are shares, 0 to 1, and shown times a hundred.
    """

    name: str
    value: float
    least: float | None = None
    most: float | None = None
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the value lies within its bounds; NaN never does."""
        above = self.least is None or self.value >= self.least
        below = self.most is None or self.value <= self.most
        return above and below and self.value == self.value

    @property
    def target(self) -> str:
        """The bounds in words."""
        if self.least is None and self.most is not None:
            return _("at most {most}").format(most=self.written(self.most))
        if self.most is None and self.least is not None:
            return _("at least {least}").format(least=self.written(self.least))
        if self.least is not None and self.most is not None:
            return _("between {least} and {most}").format(
                least=self.written(self.least), most=self.written(self.most)
            )
        return ""

    @property
    def verdict(self) -> str:
        """Whether it was reached, in a word or two."""
        return _("reached") if self.met else _("not reached")

    def written(self, value: float) -> str:
        """A value with its unit."""
        if self.unit == "%":
            return f"{100 * value:.2f} %"
        return f"{value:.5g} {self.unit}".rstrip()

    def __str__(self) -> str:
        return f"{self.name}: {self.written(self.value)} ({self.target}: {self.verdict})"

    def _ipython_display_(self) -> None:
        """Nothing: it has been printed, and a cell that ends with it need not show it again."""

    def facts(self) -> dict[str, Any]:
        """Everything for ``--json``."""
        return {**asdict(self), "met": self.met}
