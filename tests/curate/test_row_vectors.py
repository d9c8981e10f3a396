"""Vectors of a batch: those of the encoder, once a batch, the same in any batch, without system turns."""

import numpy as np
import pytest
from tuneset.curate.encoders import STATIC, encoder_for
from tuneset.curate.row_vectors import asked_text, row_vectors
from tuneset.curate.testing import SAMPLE, sample_batch


def test_they_are_the_encoders_vectors_of_prompt_and_response():
    found = row_vectors(sample_batch())
    encoder = encoder_for(STATIC)
    np.testing.assert_array_equal(found.prompt, encoder.encode([p for p, _ in SAMPLE]))
    np.testing.assert_array_equal(found.response, encoder.encode([r for _, r in SAMPLE]))


def test_one_batch_is_encoded_once_and_another_anew():
    batch, other = sample_batch(), sample_batch(SAMPLE[:3])
    first = row_vectors(batch)
    assert row_vectors(batch) is first
    assert row_vectors(other).prompt.shape == (3, 256)
    np.testing.assert_array_equal(row_vectors(batch).prompt, first.prompt)
    with pytest.raises(ValueError, match="read-only"):
        first.prompt[0, 0] = 1


def test_the_empty_batch_has_no_vectors():
    assert row_vectors(sample_batch().slice(0, 0)).response.shape == (0, 256)


def test_the_question_is_every_turn_before_the_answer_but_the_system_turn():
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "Two."},
        {"role": "user", "content": "Three?"},
    ]
    assert asked_text([*turns, {"role": "assistant", "content": "Four."}]) == "One?\nTwo.\nThree?"
    assert asked_text(turns) == "One?\nTwo.\nThree?"
    assert asked_text([]) == ""
