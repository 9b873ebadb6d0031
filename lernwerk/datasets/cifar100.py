"""CIFAR-100: 60000 colour pictures of 32 x 32 pixels in 100 classes of 20 groups."""

from __future__ import annotations

from lernwerk.datasets import cifar
from lernwerk.datasets.dataset import Arrays
from lernwerk.datasets.download import RemoteFile
from lernwerk.errors import check_name

ARCHIVE = "cifar-100-python.tar.gz"
FILE = RemoteFile(
    ARCHIVE, (cifar.HOST + ARCHIVE,),
    "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
)  # fmt: skip
FOLDER = "cifar-100-python"


def load_data(label_mode: str = "fine") -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x uint8 (rows, 32, 32, 3), y uint8 (rows, 1).

    label_mode "fine" gives the 100 classes, "coarse" the 20 groups.
    """
    check_name("cifar100.load_data", "label_mode", label_mode, ("fine", "coarse"))
    parts = cifar.read("cifar100", FILE, FOLDER, ["train", "test"], f"{label_mode}_labels")
    return parts[0], parts[1]
