"""What the guide's code examples are all recorded to do; what else one does is tested with its experiment."""

from __future__ import annotations

import pytest

from experiments.catalog import find


def test_every_snippet_but_the_first_is_recorded_as_stopped_by_the_missing_import() -> None:
    with pytest.raises(NameError) as stopped:
        eval("np.linspace(-5, 5, 200)", {})
    snippets = [snippet for entry in find().values() for snippet in entry.experiment.snippets]
    assert {snippet.number for snippet in snippets if str(stopped.value) in snippet.outcome} == set(range(2, 18))
