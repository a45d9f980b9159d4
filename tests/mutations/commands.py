"""The commands."""

from .mutation import MODULE, in_module, only

TRAIN = "commands/test_train.py"
REFUSED = only(
    TRAIN,
    "what_does_not_fit_is_refused_in_one_line",
    "resume_with_another_setting_is_refused",
    "fine_tuning_with_another_network_is_refused",
    "a_second_program_is_refused_whether_it_begins_or_goes_on",
    "other_pictures_or_classes_are_refused",
)
GOES_ON = only(
    TRAIN,
    "a_finished_run_stays_as_it_is",
    "fewer_epochs_than_are_done_are_refused",
    "a_folder_of_data_may_have_moved",
    "weights_that_the_last_step_ruined_are_not_kept",
    "a_loss_that_explodes_ends_the_run_in_one_line",
)
STOPPED = only(
    TRAIN,
    "an_epoch_goes_on_behind_its_last_checkpoint",
    "ctrl_c_says_how_to_go_on",
)

MUTATIONS = [
    *in_module('commands.convert', 'weights/test_convert.py', {"run": [
                ("npz for all", 'checkpoint if target.suffix == ".npz" else safetensors', "checkpoint"),
            ], MODULE: [
                ("class names are not counted", "if len(names) != len(model.class_names):", "if False:"),
                ("16 bits hold any number", "largest > most", "False"),
                ("always 32 bits", "w.astype(dtype)", "w"),
                ("any ending", "if target.suffix not in OUT:", "if False:"),
                ("a run's checkpoint is written over", '"history" in checkpoint.load_state(target)', "False"),
            ],},),
    *in_module('commands.which_model', 'commands/test_which_model.py', {MODULE: [
                ("a run is a photograph", "path.is_dir() or ending(path) in WEIGHTS", "False"),
                ("a name that ends in nothing is no network", "file.read(len(ZIP)) == ZIP", "False"),
                ("what is not there is a photograph", "not first.exists() and first.suffix.lower() not in PICTURES", "False"),
                ("a network alone will do", "not others", "False"),
            ],},),
    *in_module('commands.predict', 'commands/test_predict.py commands/test_which_model.py', {MODULE: [
                ("any network is the package's", "asked == SHIPPED", "True", (1, 2)),
                ("a speck is a photograph", "math.ceil(side / MOST_ENLARGED)", "1"),
            ],},),
    *in_module('commands.colours', 'weights/test_convert.py', {MODULE: [
                ("a mean for torchvision", '(asked["order"] or model.preprocessing.order) != "BGR"', "False"),
                ("pixels of 0-1 pass", "if 0 < max(numbers) < 1:", "if False:"),
                ("any numbers", "len(numbers) != 3 or not all(least <= n < 1e6 for n in numbers)", "len(numbers) != 3"),
            ],},),
    *in_module('runs.state', 'runs/test_state.py', {MODULE: [
                ("epochs are not counted", 'if epoch["epoch"] != number:', "if False:"),
                ("numbers that are none", "isinstance(one, float) and not isfinite(one)", "False"),
            ],},),
    *in_module('cli', 'test_cli.py', {MODULE: [
                ("every command is loaded", "if words[:1] == [name]:", "if True:"),
            ],},),
    *in_module('cli', only(TRAIN, "what_does_not_fit_is_refused_in_one_line"), {MODULE: [
                ("an option may be cut short", "allow_abbrev=False", "allow_abbrev=True"),
            ],},),
    *in_module('commands.epochs', f"{GOES_ON} {STOPPED}", {MODULE: [
                ("a loss that is none is saved", "training.check_last_step()", "pass"),
                ("metrics of this program alone", "write_lines(out / METRICS, runs + training.history)", "write_lines(out / METRICS, runs + training.history[-1:])"),
                ("one epoch too many", "if len(training.history) >= epochs:", "if len(training.history) > epochs:"),
                ("no checkpoint within an epoch", "if due if ranks is None else ranks.from_first(due):", "if False:"),
            ],},),
    *in_module('commands.epochs', only(TRAIN, "without_a_terminal_an_epoch_is_counted_on_lines"), {MODULE: [
                ("nothing is counted where there is no terminal", "None if first else True", "True"),
            ],},),
    *in_module('commands.evaluate', 'test_evaluate.py', {MODULE: [
                ("other classes are measured", "if known != dataset.class_names:", "if False:"),
                ("the mean of the last", "total += found", "total = found"),
                ("a split without pictures", "if not len(labels):", "if False:"),
                ("the test pictures always", 'getattr(dataset, f"{split}_images")', "dataset.test_images"),
            ],},),
    *in_module('commands.exercise', 'exercises/test_notice.py exercises/test_check.py', {MODULE: [
                ("what is wrong ends well", "0 if result.passed else 1", "0"),
                ("missed faults end well", "1 if missed else 0", "0"),
            ],},),
    *in_module('commands.options', f"commands/test_together.py {REFUSED}", {MODULE: [
                ("any number", "if not least <= int(text) <= LARGEST:", "if False:"),
                ("a pair without a sign", "if not equals:", "if False:"),
                ("an option of one's own is forgotten", "AUGMENTATIONS[asked.pop(\"augment\")] | asked", "asked | AUGMENTATIONS[asked.pop(\"augment\")]"),
            ],},),
    *in_module('commands.plot', 'commands/test_plot.py', {MODULE: [
                ("a run without an epoch", "if not epochs:", "if False:"),
                ("the first day alone", "dict.fromkeys([days[0], days[-1]])", "[days[0]]"),
                ("the first program alone", 'runs[-1]["config"]', 'runs[0]["config"]'),
                ("a run in progress is done", 'epochs < config["epochs"]', "False"),
                ("a run twice", "list(dict.fromkeys(Path(os.path.abspath(path)) for path in runs))", "[Path(os.path.abspath(path)) for path in runs]"),
                ("words for numbers", "not isinstance(value, int | float) or (value <= 0 and key != 'running_loss')", "False"),
            ],},),
    *in_module('commands.predict', 'commands/test_predict.py', {MODULE: [
                ("a broken photograph ends well", "0 if count == len(images) else 1", "0"),
                ("the least probable first", "np.argsort(-found, axis=1, kind='stable')", "np.argsort(found, axis=1, kind='stable')"),
                ("the first photographs again", "paths[start : start + AT_ONCE]", "paths[:AT_ONCE]"),
                ("any number is drawn", "figure is not None and len(images) > MOST_DRAWN", "False"),
                ("a class of the other set", "dataset.train_labels[where]", "dataset.train_labels[: len(where)]"),
            ],},),
    *in_module('commands.true_class', 'commands/test_predict.py', {"distinct_names": [
                ("one name for two", "count[name] > 1 and folder != name", "False"),
            ], "true_class": [
                ("the folder's name alone", "words.get(folder.name, folder.name)", "folder.name"),
                ("the first of two", "if names.count(name) == 1:", "if name in names:"),
                ("folders do not count", "if folder.name in folders:", "if False:"),
            ],},),
    *in_module('commands.terminal', 'commands/test_predict.py', {MODULE: [
                ("a Chinese sign takes one column", 'sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)', "0"),
                ("blocks on every terminal", 'if not _encodable("█" + EIGHTHS):', "if False:"),
                ("long names break the lines", "while columns(text) > room - len(dots):", "while False:"),
                ("no star", 'head += f": {prediction.truth}{\' *\' if among else \', not among these\'}"', "pass"),
            ],},),
    *in_module('commands.prepare', 'commands/test_prepare.py', {MODULE: [
                ("what was skipped is not said", "if skipped:", "if False:"),
                ("what was left out is not said", 'if record["left_out"]:', "if False:"),
                ("all that was skipped", "skipped[:SHOWN]", "skipped"),
                ("SRC alone", "check is not None or src is None or dst is None", "check is not None or src is None"),
            ],},),
    *in_module('commands.prepare', only("data/test_prepare.py", "ctrl_c_leaves_nobody_and_says_how_to_go_on"), {MODULE: [
                ("where to go on is not said", "folder is None or not (folder / UNFINISHED).exists()", "True"),
            ],},),
    *in_module('commands.train', f"{REFUSED} {GOES_ON} {STOPPED}", {MODULE: [
                ("two at a time", 'ending.enter_context(alone(out, "train"))', "pass"),
                ("other classes go on", "if model.class_names != dataset.class_names:", "if False:"),
                ("fewer epochs than are done", "if config.epochs < done:", "if False:"),
                ("a program that does nothing is noted", "if len(training.history) < config.epochs:", "if True:"),
                ("the data's folder is forgotten", 'words += [] if data_dir is None else ["--data-dir", str(data_dir)]', "pass"),
                ("diverged ends well", "return fail(error, 1, 'train') if first else 1", "return 0"),
            ],},),
    *in_module('commands.which_run', f"{REFUSED} {GOES_ON}", {"new_run": [
                ("a folder of anything", 'if next(out.glob("[!.]*"), None):', "if False:"),
                ("another network than it is", "if asked[name] != built.get(name):", "if False:"),
            ], "earlier_run": [
                ("no checkpoint", "if not path.exists():", "if False:"),
                ("another run goes on", "value != getattr(config, name) and name not in free", "False"),
                ("a folder that moved is refused", "config.data not in NAMES and asked.get('data') not in NAMES", "False"),
                ("what is asked for is forgotten", "replace(config, **asked)", "config"),
            ],},),
    *in_module('commands.describe', 'commands/test_describe.py', {MODULE: [
                ("--profile beside --layers", "if asked:", "if False:"),
                ("--params alone", "if layers is None:", "if False:"),
                ("each layer on GPU 0", 'network.gpus[name.partition(".")[0]]', "0"),
                ("the width is not said", 'title += f", width {width:g}" if width != 1 else ""', "pass"),
            ],},),
    *in_module('commands.bench', 'commands/test_bench.py', {MODULE: [
                ("another bench goes on", "if measured != tasks * (len(measured) // len(tasks)):", "if False:"),
                ("all rounds again", 'max((record["round"] for record in records), default=0)', "0"),
            ],},),
    *in_module('commands.together', 'commands/test_together.py', {MODULE: [
                ("what differs is not seen", "if other[key] != value:", "if False:"),
                ("an error of one rank", "if any(errors):", "if False:"),
                ("all ranks write", "found is None or found.rank == 0", "True"),
            ],},),
    *in_module('commands.__init__', only("commands/test_prepare.py", "what_does_not_fit_is_said_in_one_line"), {"positive": [
                ("none at all", "if number < 1:", "if number < 0:"),
            ],},),
    *in_module('commands.__init__', only(TRAIN, "numbers_that_are_not_finite_are_refused"), {"finite": [
                ("infinite numbers", "if not isfinite(number):", "if False:"),
            ],},),
]  # fmt: skip
