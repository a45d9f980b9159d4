"""What is written and read on the disk, and how programs begin and end."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module("data.lists", "data/test_lists.py", {"read_lines": [
                ("a mark is part of the first name", 'data.decode("utf-8-sig")', 'data.decode("utf-8")'),
                ("UTF-16 passes", 'if "\\0" in text:', "if False:"),
                ("quotation marks pass", "if line[:1] == '\"' or ',\"' in line:", "if False:"),
                ("blank lines are lines", "if line:", "if True:"),
                ("lines are counted from 0", "enumerate(LINE_BREAK.split(text), 1)", "enumerate(LINE_BREAK.split(text))"),
            ], MODULE: [
                ("CR ends no line", 're.compile(r"\\r\\n|\\n|\\r")', 're.compile(r"\\r\\n|\\n")'),
                ("CR and LF end two", 're.compile(r"\\r\\n|\\n|\\r")', 're.compile(r"\\n|\\r")'),
                ("names without end", "if max(len(name), len(words)) > LONGEST:", "if False:"),
            ],},),
    *in_module("data.prepared", "data/test_prepared.py", {"load": [
                ("a shard may be longer", "if size != expected:", "if size < expected:"),
                ("a shard may be shorter", "if size != expected:", "if size > expected:"),
                ("the test's labels for training", 'arrays["train_labels"]', 'arrays["test_labels"]'),
                ("the covariance is left out", 'arrays["color_covariance"]', "None"),
            ], "check": [
                ("checksums are not compared", 'hashlib.file_digest(file, "sha256").hexdigest() != sha256', "False"),
                ("the arrays are not compared", '[(folder / ARRAYS, record["arrays"], 0)]', "[]"),
                ("only training pictures", "for split in SPLITS:", "for split in SPLITS[:1]:"),
            ], MODULE: [
                ("a mean that is none", "array.dtype != dtype or not np.isfinite(array).all()", "array.dtype != dtype"),
            ],},),
    *in_module("files.interrupts", "files/test_interrupts.py files/test_program.py", {"CtrlC": [
                ("destructors throw it away", "issubclass(lost.exc_type, KeyboardInterrupt)", "False"),
                ("imports are broken off", "if _is_importing(frame):", "if False:"),
                ("nothing is noted", "self.heard = True", "pass"),
                ("the hook stays", "handler, sys.unraisablehook = self._before", "handler = self._before[0]"),
                ("the handler stays", "signal.signal(signal.SIGINT, handler)", "pass"),
            ], "held_back": [
                ("what came is forgotten", "if came:", "if False:"),
                ("it comes at once", "before: Any = signal.signal(signal.SIGINT, lambda *how: came.append(how))", "before: Any = signal.getsignal(signal.SIGINT)"),
            ], "children_do_not_hear": [
                ("they hear", "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})", "signal.pthread_sigmask(signal.SIG_BLOCK, set())"),
                ("so does nobody else", "signal.pthread_sigmask(signal.SIG_SETMASK, blocked)", "pass"),
            ],},),
    *in_module("files.program", "files/test_program.py", {"run_program": [
                ("a failure after Ctrl-C is a failure", "if ctrl_c.heard and code not in (0, 130):", "if False:"),
                ("Ctrl-C is a traceback", "not (ctrl_c.heard or isinstance(error, KeyboardInterrupt))", "True"),
                ("the end is disturbed", "if last:", "if False:"),
            ], MODULE: [
                ("output need not be written", "sys.stdout.flush()", "pass", (1, 2)),
                ("whoever reads no longer is told", "if not isinstance(error, BrokenPipeError):", "if True:"),
            ], "fail": [
                ("a full disk is an argument", "code = 1", "pass"),
                ("output is a file", "isinstance(error, OSError) and error.errno and error.filename is None", "False"),
            ],},),
]  # fmt: skip
