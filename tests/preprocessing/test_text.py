"""The Tokenizer and its kin against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk.errors import DataError, UnknownArgumentError, UsageError
from lernwerk.preprocessing import text

TEXTS = ["The cat sat, the cat ran!", "A dog sat\non the mat", "", "cat; dog? bird THE"]
OPTIONS = [
    {}, {"num_words": 4}, {"oov_token": "<?>"}, {"num_words": 4, "oov_token": "<?>"},
    {"char_level": True}, {"lower": False, "filters": ",!"}, {"split": "a"},
    {"analyzer": lambda t: t.split("a")},
]  # fmt: skip


@pytest.fixture(scope="module")
def theirs() -> Any:
    pytest.importorskip("keras", reason="the oracle of this test, keras, is not installed")
    from keras.src.legacy.preprocessing import text as module

    return module


@pytest.mark.parametrize("options", OPTIONS)
def test_tokenizer_is_keras_s(theirs: Any, options: dict[str, Any]) -> None:
    mine, real = text.Tokenizer(**options), theirs.Tokenizer(**options)
    for texts in (TEXTS, [["Cat", "new"], ["new", "word"]]):
        mine.fit_on_texts(texts)
        real.fit_on_texts(texts)
    for name in ("word_index", "index_word", "document_count"):
        assert getattr(mine, name) == getattr(real, name)
    for name in ("word_counts", "word_docs", "index_docs"):
        assert dict(getattr(mine, name)) == dict(getattr(real, name))
    assert list(mine.word_counts) == list(real.word_counts)
    more = [*TEXTS, "unknown cat", ["dog", "what"]]
    numbers = mine.texts_to_sequences(more)
    assert numbers == real.texts_to_sequences(more)
    odd = [*numbers, [1, 2, 999, 3]]
    assert mine.sequences_to_texts(odd) == real.sequences_to_texts(odd)
    for mode in text.MODES:
        expected = real.texts_to_matrix(more, mode=mode)
        np.testing.assert_allclose(mine.texts_to_matrix(more, mode=mode), expected, rtol=1e-12)


def test_a_tokenizer_passes_through_json(theirs: Any) -> None:
    mine = text.Tokenizer(num_words=5, oov_token="x")
    mine.fit_on_texts(TEXTS)
    for read in (text.tokenizer_from_json, theirs.tokenizer_from_json):
        again = read(mine.to_json(indent=1))
        assert again.word_index == mine.word_index
        assert again.texts_to_sequences(TEXTS) == mine.texts_to_sequences(TEXTS)
        expected = mine.texts_to_matrix(TEXTS, "tfidf")
        np.testing.assert_array_equal(again.texts_to_matrix(TEXTS, "tfidf"), expected)


def test_fitting_on_sequences(theirs: Any) -> None:
    mine, real = text.Tokenizer(num_words=9), theirs.Tokenizer(num_words=9)
    for each in (mine, real):
        each.fit_on_sequences([[1, 2, 2], [2, 5]])
    found = mine.sequences_to_matrix([[1, 2], [5, 5]], "tfidf")
    np.testing.assert_allclose(found, real.sequences_to_matrix([[1, 2], [5, 5]], "tfidf"))


def test_functions_of_one_text(theirs: Any) -> None:
    sentence = "Well, well -- what's\tthis (again)?"
    for options in ({}, {"lower": False}, {"split": "l"}):
        expected = theirs.text_to_word_sequence(sentence, **options)
        assert text.text_to_word_sequence(sentence, **options) == expected
    assert text.one_hot(sentence, 50) == theirs.one_hot(sentence, 50)
    assert text.hashing_trick(sentence, 50, "md5") == theirs.hashing_trick(sentence, 50, "md5")
    assert text.hashing_trick(sentence, 9, len, analyzer=str.split) == [
        len(word) % 8 + 1 for word in sentence.split()
    ]


def test_the_old_name_of_num_words() -> None:
    assert text.Tokenizer(nb_words=7).num_words == 7
    with pytest.raises(UnknownArgumentError) as error:
        text.Tokenizer(num_word=7)
    assert str(error.value) == (
        "Tokenizer(...): expected known arguments, got 'num_word'. Did you mean 'num_words'?"
    )


def test_messages() -> None:
    tokenizer = text.Tokenizer()
    with pytest.raises(UsageError) as unfitted:
        tokenizer.sequences_to_matrix([[1]])
    assert str(unfitted.value) == (
        "sequences_to_matrix: expected num_words, or texts to number, got neither. "
        "Call fit_on_texts(texts) first."
    )
    with pytest.raises(UsageError, match="expected a fitted Tokenizer for mode tfidf, got no docu"):
        text.Tokenizer(num_words=3).sequences_to_matrix([[1]], "tfidf")
    with pytest.raises(DataError) as number:
        tokenizer.fit_on_texts([3])
    assert str(number.value) == "Tokenizer: expected texts or lists of words, got 3."
    with pytest.raises(DataError, match="expected the text that to_json wrote, got"):
        text.tokenizer_from_json("{}")
