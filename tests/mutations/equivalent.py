"""Mutations that no test can notice, because no user could, each with the reason.

The reason stands in place of the name. They are not run; that they fit the code is
tested, so that a reason does not outlive what it is about. Neither here nor among the
others are mutations by which the tests would wait without end, as where a pipe is
opened like a file: who tries them by hand sees it.
"""

from .mutation import MODULE, in_module

EQUIVALENT = [
    *in_module("data.decoding", "", {"decode": [
                ("whoever called it sweeps the folder too", "temporary.unlink(missing_ok=True)", "pass"),
            ],},),
    *in_module("runs.state", "", {"RUN": [
                ("what loads the model checks it once more", 'MODEL(value, place)', "pass"),
            ],},),
    *in_module("files.stored_zip", "", {MODULE: [
                ("bytes that lie elsewhere have not the checksum of the member", 'if signature != b"PK\\3\\4":', "if False:"),
            ],},),
]  # fmt: skip
