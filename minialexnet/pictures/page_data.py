"""Arrays for a picture that a script of the site's page moves."""

import json

import numpy as np
from numpy.typing import ArrayLike


class PageData(dict[str, ArrayLike]):
    """Arrays and words that the page's script reads; a reader sees nothing of them.

    Parameters
    ----------
    element : str
        The id of the element that the script looks for.
    values
        By the names that the script knows.

    Examples
    --------
    >>> PageData("steps", x=np.arange(2))._repr_html_()
    '<script type="application/json" id="steps">{"x": [0, 1]}</script>'
    """

    def __init__(self, element: str, /, **values: ArrayLike) -> None:
        super().__init__(values)
        self.element = element

    def _repr_html_(self) -> str:
        """Return all of it as JSON, in an element of its own."""
        lists = {name: np.asarray(array).tolist() for name, array in self.items()}
        start = f'<script type="application/json" id="{self.element}">'
        return f"{start}{json.dumps(lists)}</script>"
