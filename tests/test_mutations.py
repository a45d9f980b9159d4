"""The mutation run: broken code must not pass the tests."""

import os

import pytest

from tests import mutations


def test_every_mutation_still_fits_the_code_and_has_a_name_of_its_own():
    for mutation in mutations.MUTATIONS:
        path = mutations.ROOT / "minialexnet" / mutation.file
        assert path.read_text().count(mutation.old) == 1, mutation
        assert mutation.old != mutation.new, mutation
    names = [(mutation.file, mutation.name) for mutation in mutations.MUTATIONS]
    assert len(set(names)) == len(names) >= 40


@pytest.mark.mutation
def test_no_mutation_survives():
    assert mutations.survivors(mutations.MUTATIONS, os.cpu_count() or 1) == []
