"""The files that everything is kept in, and how programs begin and end."""

from .mutation import MODULE, in_module

MUTATIONS = [
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
    *in_module("files.alone", "files/test_alone.py", {"alone": [
                ("two at a time", "fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass"),
                ("empty folders stay", "ending.callback(_remove_empty, path)", "pass"),
                ("the lock stays", "ending.callback(os.close, descriptor)", "pass", (1, 2)),
            ],},),
    *in_module("files.progress", "files/test_progress.py", {"Lines": [
                ("a line each time", "time.monotonic() - Lines.last < EVERY", "False"),
                ("each count has its seconds", "Lines.last = time.monotonic()", "self.last = time.monotonic()"),
                ("it counts from 0", "self.total, self.n = total, initial", "self.total, self.n = total, 0"),
                ("disabled ones write", "self.disable or sys.stderr is None or time.monotonic() - Lines.last < EVERY", "sys.stderr is None or time.monotonic() - Lines.last < EVERY"),
            ], "on_terminal": [
                ("always a bar", "sys.stderr is not None and sys.stderr.isatty()", "True"),
                ("never a bar", "sys.stderr is not None and sys.stderr.isatty()", "False"),
            ],},),
    *in_module("files.standard", "files/test_standard.py test_cli.py", {"make_usable": [
                ("a number is left to the next file", "if stream is None:", "if False:"),
                ("names that cannot be shown end it", 'stream.reconfigure(errors="replace")', "pass"),
            ],},),
    *in_module("files.standard", "files/test_progress.py", {"complain": [
                ("a closed stream ends it", "suppress(OSError, ValueError)", "suppress(OSError)"),
            ],},),
    *in_module("files.standard", "files/test_program.py", {"complain": [
                ("whoever reads no longer ends it", "suppress(OSError, ValueError)", "suppress()"),
            ],},),
    *in_module("files.checkpoint", "files/test_checkpoint.py", {"save": [
                ("objects are kept", 'not isinstance(array, np.ndarray) or array.dtype.kind not in "biufcSU"', "not isinstance(array, np.ndarray)"),
                ("it is too large to load", "if size > MAX_BYTES:", "if False:"),
                ("the header's name is free", "if name == _HEADER:", "if False:"),
                ("it is written in place", "with replacing(path) as file, zipfile.ZipFile(file, 'w') as archive:", "with open(path, 'wb') as file, zipfile.ZipFile(file, 'w') as archive:"),
            ], MODULE: [
                ("any format", "if form != FORMAT:", "if False:"),
                ("any version", "type(version) is not int or version not in READABLE", "type(version) is not int"),
                ("an array twice", 'if len(set(header["arrays"])) < len(header["arrays"]):', "if False:"),
                ("the state is believed", 'check(header["state"], "")', "pass"),
            ],},),
    *in_module("files.headers", "files/test_headers.py", {"read_object": [
                ("JSON without end", "if len(source) > most:", "if False:"),
                ("lists are objects", "if not isinstance(found, dict):", "if False:"),
            ], MODULE: [
                ("truth is a number", "type(value) is not int or not least <= value <= most", "not isinstance(value, int) or not least <= value <= most"),
                ("numbers without end", "type(value) is not int or not least <= value <= most", "type(value) is not int or not least <= value"),
                ("infinite numbers", "not right or (finite and not -inf < value < inf)", "not right"),
                ("texts without end", "not isinstance(value, str) or len(value) > longest", "not isinstance(value, str)"),
                ("true is 1", "type(value) is type(one) and value == one", "value == one"),
                ("lists without end", "not isinstance(value, list) or not least <= len(value) <= most", "not isinstance(value, list) or not least <= len(value)"),
                ("what is missing is right", "if name in needed:", "if False:"),
                ("what lies in lists is right", 'of(item, f"{place}[{number}]")', "pass"),
            ],},),
    *in_module("files.npy", "files/test_checkpoint.py data/test_prepared.py", {"read_npy": [
                ("a shape is believed", "if prod(shape) * dtype.itemsize != len(rest):", "if False:"),
                ("the first axis never moves fastest", 'if head[2] == b"True":', "if False:"),
            ],},),
    *in_module("files.opening", "files/test_opening.py", {"open_file": [
                ("files of any size", "most is not None and found.st_size > most", "False"),
                ("what is refused stays open", "file.close()", "pass"),
            ],},),
    *in_module("files.printable", "files/test_printable.py", {"printable": [
                ("texts without end", "if len(whole) > longest:", "if False:"),
                ("blanks are question marks", 'sign if sign.isprintable() else " " if sign in "\\t\\n\\r" else "?"', 'sign if sign.isprintable() else "?"'),
                ("names that cannot be shown", 'line.encode(encoding, "replace").decode(encoding) if encoding else line', "line"),
            ],},),
    *in_module("files.records", "files/test_records.py", {MODULE: [
                ("whoever's repository", 'Path(git("rev-parse", "--show-toplevel")).resolve() == here.parents[1]', "True"),
                ("changes do not count", '"-dirty" if changed else ""', '""'),
                ("the environment says nothing", 'os.environ.get("MINIALEXNET_COMMIT")', "None"),
                ("a file that git does not know", 'git("ls-files", "--error-unmatch", __file__)', "pass"),
                ("the whole path", "program.resolve().relative_to(Path.cwd()).as_posix()", "str(program.resolve())"),
            ], "write_lines": [
                ("numbers that are none", "allow_nan=False", "allow_nan=True"),
            ], "read_lines": [
                ("lines count from 0", "enumerate(file, 1)", "enumerate(file)"),
                ("files of any size", "open_file(path, MAX_BYTES)", "open_file(path)"),
            ],},),
    *in_module("files.recorded", "files/test_recorded.py", {"recorded": [
                ("any name", "if (folder / name).is_file():", "if True:"),
            ],},),
    *in_module("files.replacing", "files/test_replacing.py files/test_checkpoint.py", {"replacing": [
                ("the name outlives the bytes", "os.fsync(file.fileno())", "pass"),
                ("what is half-written stays", "temporary.unlink(missing_ok=True)", "pass"),
                ("the error names no file", "os.fspath(path)", "None"),
                ("the folder stays in memory", "_sync_folder(path.parent)", "pass"),
                ("what the dead leave stays", "_remove_abandoned(path)", "pass"),
            ], MODULE: [
                ("the living lose theirs", "old or _is_dead(entry.name)", "True"),
                ("another machine's are dead", 'os.name != "posix" or not machine.endswith(f".{platform.node()}")', "False"),
            ],},),
    *in_module("files.stored_zip", "files/test_checkpoint.py weights/test_refused.py", {"list_members": [
                ("an end that is none", "end + 22 + comment != len(tail)", "False"),
                ("a directory without end", "if size > 1000 * MAX_MEMBERS:", "if False:"),
                ("a member past the end", "if end > length:", "if False:"),
            ], MODULE: [
                ("long sizes are not read", "if number == 1:", "if False:"),
            ],},),
]  # fmt: skip
