"""What a page's script reads, and nobody sees."""

import json

import numpy as np

from minialexnet.pictures.page_data import PageData


def test_a_script_finds_its_arrays_and_words():
    data = PageData("steps", x=np.arange(4).reshape(2, 2), caption="one & two")
    start, _, rest = data._repr_html_().partition(">")
    assert start == '<script type="application/json" id="steps"'
    found = json.loads(rest.removesuffix("</script>"))
    assert found == {"x": [[0, 1], [2, 3]], "caption": "one & two"}
