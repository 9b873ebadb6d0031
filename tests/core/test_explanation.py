"""explain: the example of the issue word by word, matrices, large arrays, many paths, drawings."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core import Tensor, Variable, compiled, explain, gradient
from lernwerk.core.drawing import draw
from lernwerk.core.layout import Arrow, Box, arrange, label_width
from lernwerk.core.passes import simplify
from lernwerk.core.tracer import scope
from lernwerk.errors import ArgumentError, UsageError

SVG = "{http://www.w3.org/2000/svg}"
TEXT = """\
inputs
  x = 3
  w2 = 2
  w1 = 6
  y = 17
steps, each with its local gradients
  a = x * w2  = 6         da/dx = 2   da/dw2 = 3
  b = w1 + a  = 12        db/dw1 = 1   db/da = 1
  c = b + w2  = 14        dc/db = 1   dc/dw2 = 1
  d = c - y   = -3        dd/dc = 1   dd/dy = -1
  L = d ** 2  = 9         dL/dd = -6
gradients, each the sum over all paths of the product of the local gradients
  dL/dx = -12
    L <- d <- c <- b <- a <- x:  -6 * 1 * 1 * 1 * 2 = -12
  dL/dw2 = -24
    L <- d <- c <- b <- a <- w2:  -6 * 1 * 1 * 1 * 3 = -18
    L <- d <- c <- w2:  -6 * 1 * 1 = -6
  dL/dw1 = -6
    L <- d <- c <- b <- w1:  -6 * 1 * 1 * 1 = -6
  dL/dy = 6
    L <- d <- y:  -6 * -1 = 6"""


def example():
    x, y, w1, w2 = (Tensor(float(value)) for value in (3, 17, 6, 2))
    loss = (w1 + x * w2 + w2 - y) ** 2
    return explain(loss, x=x, y=y, w1=w1, w2=w2)


def test_the_example_of_the_issue_as_text():
    assert str(example()) == TEXT


def test_the_example_of_the_issue_as_numbers():
    found = example()
    assert len(found.formulas) == 5
    assert (found.gradient("w1"), found.gradient("w2")) == (-6.0, -24.0)
    products = [
        float(np.prod([factor.item() for factor in factors])) for _, factors in found.paths("w2")
    ]
    assert products == [-18.0, -6.0]
    local = {key: value.item() for key, value in found.local_gradients().items()}
    assert local == {
        ("a", "x"): 2, ("a", "w2"): 3, ("b", "w1"): 1, ("b", "a"): 1, ("c", "b"): 1,
        ("c", "w2"): 1, ("d", "c"): 1, ("d", "y"): -1, ("L", "d"): -6,
    }  # fmt: skip
    assert found.leaves() == ["x", "w2", "w1", "y"]


def test_matrices_multiply_along_the_paths():
    random = np.random.default_rng(0)
    x, w, v = (Tensor(random.normal(size=s)) for s in ((2, 3), (3, 2), (2, 2)))
    y = ops.tanh(x @ w) @ v + x @ w
    found = explain(y, x=x, w=w, v=v)
    for name, tensor in (("x", x), ("w", w), ("v", v)):
        total = 0.0
        for _, factors in found.paths(name):
            product = np.eye(4)
            for factor in factors:
                product = product @ factor
            total = total + product
        rows = [
            gradient(y, [tensor], unit.reshape(2, 2))[0].numpy().reshape(-1) for unit in np.eye(4)
        ]
        np.testing.assert_allclose(total, rows, rtol=1e-12)
        np.testing.assert_allclose(found.gradient(name), rows, rtol=1e-12)


def test_matrices_as_text():
    a, b = Tensor(np.arange(4.0).reshape(2, 2)), Tensor(np.array([1.0, -1.0]))
    lines = str(explain((a @ b).sum(), a=a, b=b)).splitlines()
    assert lines[1:3] == ["  a = [[0.,1.], [2.,3.]]", "  b = [ 1.,-1.]"]
    assert "  dL/db = [[2.,4.]]" in lines
    assert "    L <- c <- b:  [[1.,1.]] * [[0.,1.], [2.,3.]] = [[2.,4.]]" in lines


def test_large_arrays_are_named_by_their_shape():
    x, w = Tensor(np.ones((20, 30))), Tensor(np.ones(30))
    found = explain((x @ w).sum() * 2.0, x=x, w=w)
    lines = str(found).splitlines()
    assert lines[1] == "  x = array (20, 30)"
    assert any("da/dx = (large)   da/dw = " in line for line in lines)
    assert "  dL/dx = array (1, 600)" in lines
    assert lines[lines.index("  dL/dx = array (1, 600)") + 1].endswith(" * (large) = (large)")
    np.testing.assert_array_equal(found.gradient("w"), np.full((1, 30), 40.0))
    assert explain(x * 2.0, x=x).gradient("x") is None


def test_an_input_used_twice_by_one_step():
    x = Tensor(3.0)
    found = explain(x * x, x=x)
    assert found.local_gradients() == {("L", "x"): np.array([[6.0]])}
    assert (found.path_count("x"), found.gradient("x")) == (2, 6.0)


def test_more_paths_than_fit_and_more_than_can_be_listed():
    x = Tensor(np.array(1.0))
    y = x
    for _ in range(6):
        y = y + y
    text = str(explain(y, x=x))
    assert text.splitlines()[-1] == "    ... and 32 more paths"
    assert text.count(" <- x:") == 32
    for _ in range(200):
        y = (y + y) * 0.5
    found = explain(y, x=x)
    assert found.path_count("x") == 2**206
    assert found.gradient("x") == 64.0
    assert len(found.paths("x", 3)) == 3
    assert f"... and {2**206 - 32} more paths" in str(found)


def test_long_chains_need_no_recursion():
    x = y = Tensor(np.array(1.0))
    for _ in range(1500):
        y = y + 1.0
    found = explain(y, x=x)
    assert [len(names) for names, _ in found.paths("x")] == [1501]


def test_names_are_given_found_or_made_and_never_the_same():
    first, second = Variable(2.0, name="kernel"), Variable(3.0, name="kernel")
    a = Tensor(5.0)
    product = first * second
    found = explain(product + a, a=a, product=product)
    assert sorted(found.names.values()) == ["L", "a", "kernel", "kernel_2", "product"]
    assert (found.gradient("kernel"), found.gradient("kernel_2")) == (3.0, 2.0)
    assert found.gradient("product") == 1.0


def test_letters_go_on_after_z():
    x = y = Tensor(1.0)
    for _ in range(30):
        y = y + 1.0
    names = list(explain(y).names.values())
    assert len(set(names)) == 31
    assert names[25:28] == ["z", "a1", "b1"]
    assert x.item() == 1.0


def test_what_passes_nothing_back_says_so():
    x, index = Tensor([1.0, 2.0]), Tensor(np.array([1]))
    found = explain(ops.gather(x, index).sum(), x=x, index=index)
    assert "da/dindex = none" in str(found)
    assert "dL/dindex" not in str(found)
    assert found.paths("index") == []
    assert found.gradient("x").tolist() == [[0.0, 1.0]]


def test_variables_that_were_assigned_afterwards():
    v = Variable(3.0, name="v")
    loss = v * v
    v.assign(9.0)
    assert "  v = 3" in str(explain(loss)).splitlines()


REMEDY = "Compute it eagerly from Tensors or Variables first."
OF_NAMES = "explain: expected x to be a tensor that takes part in the computation, got "


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: explain(x),
         f"explain: expected a tensor that operations have made, got one without a history. {REMEDY}"),  # noqa: E501
        (lambda x: compiled(lambda a: explain(a * 2))(x),
         f"explain: expected a tensor that operations have made, got a traced one. {REMEDY}"),
        (lambda x: explain(x * 2, x=x.numpy()),
         f"{OF_NAMES}ndarray. x = lernwerk.Tensor(...) before it is used"),
        (lambda x: explain(x * 2, x=Tensor(1.0)),
         f"{OF_NAMES}another tensor. x = lernwerk.Tensor(...) before it is used"),
    ],
)  # fmt: skip
def test_errors(function, message):
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        function(Tensor(1.0))


def test_an_unknown_name_is_refused():
    message = "explanation: expected the name of a known value, got 'w22'. Did you mean 'w2'?"
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        example().gradient("w22")


# ---- drawings


def training_step():
    w1 = Variable(np.ones((4, 5), np.float32), name="dense/kernel")
    b1 = Variable(np.zeros(5, np.float32), name="dense/bias")
    w2 = Variable(np.ones((5, 3), np.float32), name="dense_1/kernel")

    def train_step(x, y):
        with scope("dense"):
            hidden = ops.relu(x @ w1 + b1)
        with scope("dense_1"):
            logits = hidden @ w2
        loss = ops.softmax_crossentropy(logits, y).mean()
        for v, g in zip((w1, b1, w2), gradient(loss, [w1, b1, w2]), strict=True):
            v.assign_sub(0.1 * g)
        return loss

    x, y = np.ones((2, 4), np.float32), np.eye(3, dtype=np.float32)[:2]
    return simplify(compiled(train_step).graph(x, y))


def drawings():
    return [example().svg(), training_step().svg(), explain(Tensor(1.0) + 1.0).svg()]


@pytest.mark.parametrize("number", range(3))
def test_drawings_are_well_formed_with_ids_of_their_own(number):
    root = ElementTree.fromstring(drawings()[number])
    assert root.tag == f"{SVG}svg"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) == 2
    used = re.findall(r"url\(#([^)]+)\)", drawings()[number])
    assert set(used) <= set(ids)
    width, height = float(root.get("width")), float(root.get("height"))
    for element in root.iter(f"{SVG}rect"):
        box = [float(element.get(key, 0)) for key in ("x", "y", "width", "height")]
        assert min(box[:2]) >= 0
        assert box[0] + box[2] <= width
        assert box[1] + box[3] <= height


def test_drawings_on_one_page_do_not_disturb_each_other():
    ids = [ElementTree.fromstring(svg).get("id") for svg in drawings()]
    assert len(set(ids)) == 3
    assert example().svg() == example().svg()
    style = re.search(r"<style>(.*)</style>", drawings()[0]).group(1)
    for rule in filter(None, style.split("}")):
        assert rule.startswith(f"#{ids[0]} ")


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@pytest.mark.parametrize("number", range(2))
def test_labels_and_boxes_do_not_overlap(number):
    root = ElementTree.fromstring(drawings()[number])
    boxes = [
        (float(r.get("x")), float(r.get("y")), float(r.get("x")) + float(r.get("width")),
         float(r.get("y")) + float(r.get("height")))
        for r in root.iter(f"{SVG}rect") if r.get("rx")
    ]  # fmt: skip
    labels = [
        (float(t.get("x")), float(t.get("y")) - 10, float(t.get("x")) + 7.9 * len(t.text),
         float(t.get("y")) + 2)
        for t in root.iter(f"{SVG}text") if t.get("class") == "label"
    ]  # fmt: skip
    assert len(labels) == (9, 0)[number]
    everything = boxes + labels
    for i, first in enumerate(everything):
        assert not any(overlap(first, second) for second in everything[i + 1 :])


def test_arrows_pass_between_the_boxes():
    boxes = [Box(i, (f"box {i}",)) for i in range(8)]
    arrows = [Arrow(0, i, "a label") for i in range(1, 8)]
    arrows += [Arrow(i, i + 1) for i in range(1, 7)]
    layout = arrange(boxes, arrows)
    for column in layout.columns:
        spans = sorted(
            (layout.places[key].y - layout.places[key].height / 2,
             layout.places[key].y + layout.places[key].height / 2)
            for key in column
        )  # fmt: skip
        assert all(above[1] < below[0] for above, below in pairwise(spans))
    gaps = [layout.places[i + 1].x - layout.right(i) for i in range(7)]
    assert min(gaps) >= label_width("a label")


def test_the_graph_of_nothing_can_be_drawn():
    graph = compiled(lambda: None).graph()
    assert ElementTree.fromstring(graph._repr_html_()).tag == f"{SVG}svg"
    assert ElementTree.fromstring(draw([], [], "a < b & c")).find(f"{SVG}title").text == "a < b & c"


def test_the_drawing_of_a_step_says_what_happens():
    text = " ".join(
        element.text or "" for element in ElementTree.fromstring(training_step().svg()).iter()
    )
    for expected in (
        "dense/kernel", "matmul(%0, %2)", "multiply(0.1, ", "new value of dense/bias", "returned",
        "dense_1", "float32 (2, 5)",
    ):  # fmt: skip
        assert expected in text
