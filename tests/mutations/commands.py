"""The commands."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module('commands.convert', 'weights/test_convert.py', {"run": [
                ("a full disk is an argument", "code = 1 if error.filename == str(target) else 2", "code = 2"),
                ("a missing file is no argument", "code = 1 if error.filename == str(target) else 2", "code = 1"),
                ("npz for all", 'if target.suffix == ".npz":', "if True:"),
            ], MODULE: [
                ("any ending", "if target.suffix not in OUT:", "if False:"),
                ("class names are not counted", "if len(names) != len(model.class_names):", "if False:"),
            ],},),
]  # fmt: skip
