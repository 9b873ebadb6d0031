"""Numbers, durations and names of measures as people read them."""

from __future__ import annotations

import math

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

MEASURES = {
    "mae": "mean absolute error",
    "mse": "mean squared error",
    "rmse": "root mean squared error",
    "r2": "R²",
    "f1": "F1",
    "macro_f1": "F1, mean of the classes",
    "auc": "area under the ROC curve",
}

# The last words of measures that are shares of 1, such as ``balanced_accuracy`` and ``macro_f1``.
SHARES = {"accuracy", "precision", "recall", "f1"}


def measure_name(name: str) -> str:
    """A measure in words: ``mae`` is the mean absolute error."""
    return MEASURES.get(name, name.replace("_", " "))


def score(name: str, value: float) -> str:
    """The value of a measure, in percent where it is a share."""
    return percent(value) if name.split("_")[-1] in SHARES else number(value)


def percent(share: float) -> str:
    """A share of 1 as ``98.3 %``; 100 % and 0 % only where nothing is missing."""
    if not math.isfinite(share):
        return number(share)
    if share in (0, 1):
        return f"{share:.0%}".replace("%", f"{THIN_SPACE}%")
    digits = 1
    while digits < 4 and float(f"{100 * share:.{digits}f}") in (0, 100):
        digits += 1
    return f"{100 * share:.{digits}f}{THIN_SPACE}%"


def number(value: float) -> str:
    """A number to four significant digits, grouped by thin spaces."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite" if value > 0 else f"{MINUS}infinite"
    if value != 0 and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.3e}".replace("-", MINUS)
    whole = value == round(value) or abs(value) >= 1000
    digits = 0 if whole else 3 - math.floor(math.log10(abs(value)))
    text = f"{value:,.{max(digits, 0)}f}"
    text = text if whole or "." not in text else text.rstrip("0").rstrip(".")
    return text.replace(",", THIN_SPACE).replace("-", MINUS)


def unbroken(text: str) -> str:
    """Text that stays on one line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def signed(value: float) -> str:
    """A number with its sign, also where that is a plus."""
    return f"+{number(value)}" if value > 0 else number(value)


def duration(seconds: float) -> str:
    """Seconds as ``8.4 s``, ``3 min 12 s`` or ``1 h 4 min``."""
    if not math.isfinite(seconds):
        return "unknown"
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun: ``1 row``, ``2 rows``."""
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"
