"""Layers of text: Keras makes them with TensorFlow, so the results are those of its own pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk import layers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, DataError, DtypeError, FileError, ShapeError, UsageError
from lernwerk.layers.hashes import farm_hash, sip_hash
from lernwerk.utils import Dataset

TEXTS = ["foo bar", "bar baz", "baz bada boom"]


def numbers(value: Any) -> Any:
    return np.asarray(value.numpy() if isinstance(value, Tensor) else value).tolist()


# ---- TextVectorization (keras.io/api/layers/preprocessing_layers/text/text_vectorization)


def test_the_example_of_keras_s_page() -> None:
    layer = layers.TextVectorization(max_tokens=5000, output_mode="int", output_sequence_length=4)
    layer.adapt(TEXTS)
    assert numbers(layer([["foo qux bar"], ["qux baz"]])) == [[4, 1, 3, 0], [1, 2, 0, 0]]
    assert layer.get_vocabulary() == ["", "[UNK]", "baz", "bar", "foo", "boom", "bada"]
    given = layers.TextVectorization(vocabulary=["earth", "wind", "and", "fire"])
    assert given.get_vocabulary() == ["", "[UNK]", "earth", "wind", "and", "fire"]
    assert given.get_vocabulary(include_special_tokens=False) == ["earth", "wind", "and", "fire"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["the", "cats", "éÉs", "tail"]),
        ({"standardize": "lower"}, ["the", "cat's", "éÉs", "(tail)"]),
        ({"standardize": "strip_punctuation"}, ["THE", "Cats", "éÉs", "tail"]),
        ({"standardize": None}, ["THE", "Cat's", "éÉs", "(tail)"]),
        ({"standardize": lambda texts: np.char.replace(texts, "Cat", "Dog")},
         ["THE", "Dog's", "éÉs", "(tail)"]),
        ({"split": "character", "standardize": None}, list("THE Cat's\t éÉs\n(tail)")),
        ({"split": lambda texts: [t.split("a") for t in texts]},
         ["the c", "ts\t éÉs\nt", "il"]),
        ({"ngrams": 2}, ["the", "cats", "éÉs", "tail", "the cats", "cats éÉs", "éÉs tail"]),
        ({"ngrams": (3,)}, ["the cats éÉs", "cats éÉs tail"]),
    ],
)  # fmt: skip
def test_tokens(options: dict[str, Any], expected: list[str]) -> None:
    layer = layers.TextVectorization(**options)
    assert layer.tokens(["THE Cat's\t éÉs\n(tail)"]) == [expected]


def test_shapes_of_texts() -> None:
    layer = layers.TextVectorization(vocabulary=["a", "b"])
    for texts in (["a b", "b"], np.array(["a b", "b"]), [["a b"], ["b"]], [b"a b", b"b"],
                  np.array(["a b", "b"], object)):  # fmt: skip
        assert numbers(layer(texts)) == [[2, 3], [3, 0]]
    assert numbers(layer("b a c")) == [3, 2, 1]
    assert numbers(layer([""])) == [[]]
    assert layer(["a"]).dtype == np.int32
    tokens = layers.TextVectorization(vocabulary=["a", "b"], split=None)
    assert numbers(tokens([["a", "b"], ["B!", "x"]])) == [[2, 3], [3, 1]]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("multi_hot", [[1, 1, 0, 1], [0, 1, 0, 0]]), ("count", [[1, 2, 0, 1], [0, 1, 0, 0]]),
     ("binary", [[1, 1, 0, 1], [0, 1, 0, 0]])],
)  # fmt: skip
def test_rows(mode: str, expected: Any) -> None:
    layer = layers.TextVectorization(vocabulary=["a", "b", "c"], output_mode=mode)
    assert layer.get_vocabulary() == ["[UNK]", "a", "b", "c"]
    assert numbers(layer(["a x c a", "a"])) == expected
    wide = layers.TextVectorization(6, vocabulary=["a", "b", "c"], output_mode=mode,
                                    pad_to_max_tokens=True)  # fmt: skip
    assert numbers(wide(["a x c a", "a"])) == [[*row, 0, 0] for row in expected]
    assert wide.compute_output_shape((None, 1)) == (None, 6)


def test_tf_idf() -> None:
    layer = layers.TextVectorization(output_mode="tf_idf")
    layer.adapt(["a b a", "a c", "b"])
    assert layer.get_vocabulary() == ["[UNK]", "a", "b", "c"]
    weights = np.log(1 + 3 / (1 + np.array([2, 2, 1])))
    expected = [[weights.mean(), 2 * weights[0], 0, weights[2]]]
    np.testing.assert_allclose(layer(["a x c a"]).numpy(), expected, rtol=1e-6)
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    np.testing.assert_allclose(store["idf_weights"], [weights.mean(), *weights], rtol=1e-6)


def test_the_vocabulary_is_cut_to_max_tokens() -> None:
    layer = layers.TextVectorization(max_tokens=4)
    layer.adapt(np.array(["b a", "c a b b"]))
    assert layer.get_vocabulary() == ["", "[UNK]", "b", "a"]
    layer.adapt(["z"])  # anew, not in addition
    assert layer.get_vocabulary() == ["", "[UNK]", "z"]


def test_adapting_to_a_data_set() -> None:
    dataset = Dataset.from_tensor_slices(TEXTS).batch(2)
    one, other, generated = (layers.TextVectorization() for _ in range(3))
    one.adapt(dataset)
    other.adapt(TEXTS)
    generated.adapt(batch for batch in (TEXTS[:1], TEXTS[1:]))
    assert one.get_vocabulary() == other.get_vocabulary() == generated.get_vocabulary()
    one.adapt(dataset, steps=1)
    assert one.get_vocabulary() == ["", "[UNK]", "bar", "foo", "baz"]
    mapped = dataset.map(lambda texts: other(texts))
    assert [batch.tolist() for batch in mapped][1] == [[2, 6, 5]]


def test_assets(tmp_path: Path) -> None:
    layer = layers.TextVectorization(max_tokens=9)
    layer.adapt(TEXTS)
    layer.save_assets(tmp_path)
    assert (tmp_path / "vocabulary.txt").read_text().split("\n") == layer.get_vocabulary()
    config = layer.get_config()
    assert (config["vocabulary"], config["vocabulary_size"]) == (None, 7)
    again = layers.TextVectorization.from_config(config)
    again.load_assets(str(tmp_path))
    assert again.get_vocabulary() == layer.get_vocabulary()
    np.testing.assert_array_equal(again(TEXTS).numpy(), layer(TEXTS).numpy())


def test_assets_of_tf_idf(tmp_path: Path) -> None:
    layer, store = layers.TextVectorization(output_mode="tf_idf"), {}
    layer.adapt(TEXTS)
    layer.save_assets(tmp_path)
    layer.save_own_variables(store)
    again = layers.TextVectorization.from_config(layer.get_config())
    again.load_own_variables(store)
    again.load_assets(tmp_path)
    np.testing.assert_array_equal(again(TEXTS).numpy(), layer(TEXTS).numpy())


def test_a_vocabulary_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("eins\nzwei\n", encoding="utf-8")
    layer = layers.TextVectorization(vocabulary=str(tmp_path / "words.txt"))
    assert layer.get_vocabulary() == ["", "[UNK]", "eins", "zwei"]
    layer.save_assets(tmp_path)  # the path is not in the config: the words go into the file
    assert (tmp_path / "vocabulary.txt").exists()
    with pytest.raises(FileError, match=r"none.txt: expected a vocabulary, one token a line"):
        layers.TextVectorization(vocabulary="none.txt")


def test_in_a_graph_numbers_pass() -> None:
    layer = layers.TextVectorization(vocabulary=["a"], output_sequence_length=5)
    given = Tensor(np.array([[2, 1, 0, 0, 0]], np.int32))
    np.testing.assert_array_equal(layer(given).numpy(), given.numpy())
    assert layer.takes_text
    assert layer.encode(["a b"]).tolist() == given.numpy().tolist()
    assert layer.compute_output_shape((None, 1)) == (None, 5)


def test_messages_of_text_vectorization() -> None:
    with pytest.raises(ArgumentError, match=r"standardize, got 'lowercase'. Did you mean 'lower'"):
        layers.TextVectorization(standardize="lowercase")
    with pytest.raises(ArgumentError, match="output_sequence_length for output_mode='int' only"):
        layers.TextVectorization(output_mode="count", output_sequence_length=3)
    with pytest.raises(ArgumentError, match="ngrams, a number or a tuple of numbers, got"):
        layers.TextVectorization(ngrams=2.5)
    with pytest.raises(ArgumentError, match="max_tokens with pad_to_max_tokens=True, got None"):
        layers.TextVectorization(output_mode="count", pad_to_max_tokens=True)
    layer = layers.TextVectorization(output_mode="count", name="words")
    with pytest.raises(UsageError) as empty:
        layer(["a"])
    assert str(empty.value) == (
        "words: expected a vocabulary, got none yet. "
        "Call adapt(data) or set_vocabulary(words) first."
    )
    with pytest.raises(ShapeError, match=r"texts of shape \(b\) or \(b, 1\), got \(1, 2\)"):
        layer.adapt([["a", "b"]])
    with pytest.raises(DtypeError, match="words: expected texts, got 3"):
        layer.adapt(["a", 3])
    with pytest.raises(DataError, match=r"each token once, got \['a'\] several times"):
        layer.set_vocabulary(["a", "b", "a"])
    with pytest.raises(DataError, match="expected a vocabulary with tokens, got none"):
        layer.set_vocabulary([])
    with pytest.raises(DataError, match="the mask token '' in front or nowhere, got it at pos"):
        layers.TextVectorization(vocabulary=["a", ""])
    with pytest.raises(DataError, match="at most max_tokens=3 numbers, got 4"):
        layers.TextVectorization(3, vocabulary=["a", "b"])
    with pytest.raises(UsageError, match="a layer without a given vocabulary, got one with"):
        layers.TextVectorization(vocabulary=["a"]).adapt(["b"])


# ---- lookups (keras.io/api/layers/preprocessing_layers/categorical)

WORDS = ["a", "b", "c", "d"]
ROWS = [["a", "c", "d"], ["d", "z", "b"]]


def test_string_lookup_of_keras_s_page() -> None:
    layer = layers.StringLookup(vocabulary=WORDS)
    assert numbers(layer(ROWS)) == [[1, 3, 4], [4, 0, 2]]
    adapted = layers.StringLookup()
    adapted.adapt(ROWS)
    assert adapted.get_vocabulary() == ["[UNK]", "d", "z", "c", "b", "a"]
    one_hot = layers.StringLookup(vocabulary=WORDS, output_mode="one_hot")
    assert numbers(one_hot(["a", "b", "c", "d", "z"])) == [
        [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1], [1, 0, 0, 0, 0],
    ]  # fmt: skip
    count = layers.StringLookup(vocabulary=WORDS, output_mode="count")
    rows = [["a", "c", "d", "d"], ["d", "z", "b", "z"]]
    assert numbers(count(rows)) == [[0, 1, 0, 1, 2], [2, 0, 1, 0, 1]]
    many = layers.StringLookup(vocabulary=WORDS, output_mode="multi_hot")
    assert numbers(many(rows)) == [[0, 1, 0, 1, 1], [1, 0, 1, 0, 1]]
    weighed = layers.StringLookup(output_mode="tf_idf")
    weighed.set_vocabulary(WORDS, idf_weights=[0.25, 0.75, 0.6, 0.4])
    np.testing.assert_allclose(
        weighed(rows).numpy(), [[0, 0.25, 0, 0.6, 0.8], [1.0, 0, 0.75, 0, 0.4]], rtol=1e-6
    )
    whole = layers.StringLookup(output_mode="tf_idf", vocabulary=["[UNK]", *WORDS],
                                idf_weights=[0.9, 0.25, 0.75, 0.6, 0.4])  # fmt: skip
    assert whole(rows).numpy()[1, 0] == np.float32(1.8)


def test_strings_there_and_back() -> None:
    layer = layers.StringLookup(vocabulary=WORDS)
    back = layers.StringLookup(vocabulary=layer.get_vocabulary(), invert=True)
    assert back(layer(ROWS)).tolist() == [["a", "c", "d"], ["d", "[UNK]", "b"]]
    plain = layers.StringLookup(vocabulary=WORDS, invert=True)
    assert plain(np.array([[1, 3, 4], [4, 0, 99]])).tolist() == [
        ["a", "c", "d"], ["d", "[UNK]", "[UNK]"],
    ]  # fmt: skip


def test_masks_and_several_numbers_for_unknown_texts() -> None:
    layer = layers.StringLookup(vocabulary=WORDS, num_oov_indices=2, mask_token="")
    # FarmHash64("m") and ("z") mod 2
    expected = [3, 0, 1 + farm_hash(b"m") % 2, 1 + farm_hash(b"z") % 2]
    assert numbers(layer(["a", "", "m", "z"])) == expected
    assert layer.get_vocabulary()[:3] == ["", "[UNK]", "[UNK]"]
    salted = layers.StringLookup(vocabulary=WORDS, num_oov_indices=5, salt=(133, 137))
    assert numbers(salted(["m"])) == [sip_hash(b"m", (133, 137)) % 5]
    none = layers.StringLookup(vocabulary=WORDS, num_oov_indices=0, name="look")
    with pytest.raises(DataError) as unknown:
        none(["q"])
    assert str(unknown.value) == (
        "look: expected tokens of the vocabulary, got 'q'. "
        "Give num_oov_indices=1 to let unknown ones pass."
    )
    counts = layers.StringLookup(vocabulary=WORDS, mask_token="", output_mode="count")
    assert numbers(counts([["a", "", "z", ""]])) == [[1, 1, 0, 0, 0]]


def test_integer_lookup_of_keras_s_page() -> None:
    words, data = [12, 36, 1138, 42], np.array([[12, 1138, 42], [42, 1000, 36]])
    layer = layers.IntegerLookup(vocabulary=words)
    assert numbers(layer(data)) == [[1, 3, 4], [4, 0, 2]]
    adapted = layers.IntegerLookup()
    adapted.adapt(data)
    assert adapted.get_vocabulary() == [-1, 42, 1138, 1000, 36, 12]
    assert numbers(adapted(data)) == [[5, 2, 1], [1, 3, 4]]
    several = layers.IntegerLookup(vocabulary=words, num_oov_indices=2)
    assert numbers(several(np.array([[12, 1138, 42], [37, 1000, 36]]))) == [[2, 4, 5], [1, 0, 3]]
    rows = np.array([[12, 1138, 42, 42], [42, 7, 36, 7]])
    count = layers.IntegerLookup(vocabulary=words, output_mode="count")
    assert numbers(count(rows)) == [[0, 1, 0, 1, 2], [2, 0, 1, 0, 1]]
    weighed = layers.IntegerLookup(output_mode="tf_idf", vocabulary=words,
                                   idf_weights=[0.25, 0.75, 0.6, 0.4])  # fmt: skip
    np.testing.assert_allclose(
        weighed(rows).numpy(), [[0, 0.25, 0, 0.6, 0.8], [1.0, 0, 0.75, 0, 0.4]], rtol=1e-6
    )
    back = layers.IntegerLookup(vocabulary=layer.get_vocabulary(), invert=True)
    assert numbers(back(layer(data))) == [[12, 1138, 42], [42, -1, 36]]


def test_integer_lookup_without_unknown_numbers() -> None:
    layer = layers.IntegerLookup(vocabulary=[5, 3], num_oov_indices=0, mask_token=0, name="look")
    assert numbers(layer(np.array([3, 0, 5]))) == [2, 0, 1]
    with pytest.raises(DataError, match="look: expected numbers of the vocabulary, got 4"):
        layer(np.array([3, 4]))
    with pytest.raises(ArgumentError, match="expected oov_method='floormod', got 'farmhash'"):
        layers.IntegerLookup(oov_method="farmhash")
    with pytest.raises(ArgumentError, match="expected output_mode='int' with invert=True"):
        layers.IntegerLookup(vocabulary=[1], invert=True, output_mode="count")


def test_assets_of_lookups(tmp_path: Path) -> None:
    layer = layers.IntegerLookup()
    layer.adapt([[1, 2, 2]])
    layer.save_assets(tmp_path)
    assert (tmp_path / "vocabulary.txt").read_text() == "-1\n2\n1"
    again = layers.IntegerLookup.from_config(layer.get_config())
    again.load_assets(tmp_path)
    assert again.get_vocabulary() == [-1, 2, 1]
    (tmp_path / "vocabulary.txt").write_text("a")
    with pytest.raises(DataError, match="expected a whole number on each line"):
        again.load_assets(tmp_path)
    given = layers.StringLookup(vocabulary=["x"])
    assert given.get_config()["vocabulary"] == ["x"]
    given.save_assets(tmp_path / "nowhere")  # the config has it all


# ---- hashes


def test_hashes_are_the_published_ones() -> None:
    # https://github.com/google/farmhash: fingerprints that several ports test themselves with.
    assert farm_hash(b"") == 0x9AE16A3B2F90404F
    assert farm_hash(b"a") == 0xB3454265B6DF75E3
    assert farm_hash(b"abcd") == 0x1A5502DE4A1F8101
    assert farm_hash(b"abcdefgh") == 0xFEE9D22990C82909
    assert farm_hash(b"dXB@tDQ-v5<H]rq2Pcc*s>nC-[Mdy") == 8365906589669344754
    assert farm_hash(b"2/?98ns)xbzEVL^:wCS$7l3@_g!zP^<D.-bd6") == 9728733090894310797
    change = b"It's a tiny change to the code and not completely disgusting. - Bob Manchek"
    assert farm_hash(change) == 0x38AA3175B37F305C
    reason = (
        b"There is no reason for any individual to have a computer in their home. -Ken Olsen, 1977"
    )
    assert farm_hash(reason) == 0x7E85D7B050ED2967
    # The example in appendix A of the paper on SipHash.
    key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    assert sip_hash(bytes(range(15)), key) == 0xA129CA6149BE45E5


def test_hashing_of_keras_s_page() -> None:
    rows = [["A"], ["B"], ["C"], ["D"], ["E"]]
    assert numbers(layers.Hashing(num_bins=3)(rows)) == [[1], [0], [1], [1], [2]]
    masked = [["A"], ["B"], [""], ["C"], ["D"]]
    assert numbers(layers.Hashing(num_bins=3, mask_value="")(masked)) == [[1], [1], [0], [2], [2]]
    salted = layers.Hashing(num_bins=3, salt=[133, 137])
    assert numbers(salted(rows)) == [[1], [2], [1], [0], [2]]
    assert numbers(layers.Hashing(num_bins=3, salt=133)(rows)) == [[0], [0], [2], [1], [0]]


def test_hashing_of_numbers_and_rows() -> None:
    layer = layers.Hashing(num_bins=4)
    data = np.array([100, 300, 700, 1100, 1700, 2000])
    assert numbers(layer(data)) == [3, 3, 2, 2, 0, 1]  # IntegerLookup's page, farmhash
    assert numbers(layer(data.astype("float32"))) == [3, 3, 2, 2, 0, 1]
    rows = layers.Hashing(num_bins=4, output_mode="count")
    assert numbers(rows([[100, 300, 2000]])) == [[0, 1, 0, 2]]
    with pytest.raises(ArgumentError, match=r"salt, one number or two, got \[1, 2, 3\]"):
        layers.Hashing(3, salt=[1, 2, 3])
