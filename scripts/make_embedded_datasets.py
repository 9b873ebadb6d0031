"""Write the data sets that travel inside the package (lernwerk/datasets/data/*.npz).

Run it from the root of the repository, with scikit-learn installed: it reads scikit-learn's
copies, whose original sources are named in lernwerk/datasets/*.py. The package itself never needs
scikit-learn. The files come out byte for byte the same with the same versions of NumPy and zlib.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent.parent / "lernwerk" / "datasets" / "data"


def digits() -> dict[str, NDArray[Any]]:
    """The pictures as uint8: their values are the whole numbers 0 to 16."""
    from sklearn.datasets import load_digits

    data = load_digits()
    return {
        "x": data.images.astype(np.uint8),
        "y": data.target.astype(np.int64),
        "class_names": np.array([str(name) for name in data.target_names]),
    }


def table(name: str, **options: Any) -> dict[str, NDArray[Any]]:
    """A table of scikit-learn with its column names, and its class names where it has classes."""
    from sklearn import datasets

    data = getattr(datasets, f"load_{name}")(**options)
    arrays = {"x": data.data, "y": data.target, "feature_names": np.array(data.feature_names)}
    if "target_names" in data:
        arrays["y"] = data.target.astype(np.int64)
        arrays["class_names"] = np.array([str(text) for text in data.target_names])
    return arrays


def main() -> None:
    """Write all five files and print their sizes."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    contents = {
        "digits": digits(),
        "iris": table("iris"),
        "wine": table("wine"),
        "breast_cancer": table("breast_cancer"),
        "diabetes": table("diabetes", scaled=False),
    }
    for name, arrays in contents.items():
        path = FOLDER / f"{name}.npz"
        np.savez_compressed(path, **arrays)
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
