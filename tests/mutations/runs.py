"""A run: its settings, its steps, its measures, and how it goes on."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module("runs.config", "runs/test_config.py test_run.py", {"Config": [
                ("numbers that are none", "isinstance(number, float) and not isfinite(number)", "False"),
                ("rates of layers may be infinite", "numbers | dict(self.rate)", "numbers"),
                ("cfg files are names", 'self.model.endswith(".cfg")', "False"),
                ("the seed is left out", '{f.name: values[f.name] for f in fit} | {"seed": self.seed}', "{f.name: values[f.name] for f in fit}"),
                ("a network has all fields", 'self.kind in f.metadata["of"]', "True"),
            ], "groups": [
                ("one group", 'if "group" in one.metadata:', "if not found:"),
            ],},),
    *in_module("runs.defaults", "runs/test_config.py test_run.py files/test_version_1.py", {"new_config": [
                ("any model", "if kind not in ALL:", "if False:"),
                ("options of other models", 'if one.name in asked and kind not in one.metadata["of"]:', "if False:"),
                ("fine-tuning at full rate", "usual |= FINE_TUNING", 'usual |= {"rate": {}}'),
                ("conv1's own rate is forgotten", '{**usual["rate"], **asked.get("rate", {})}', '{**asked.get("rate", {}), **usual["rate"]}'),
                ("the paper's defaults for cifar", 'dict(CIFAR) if kind == "cifar" else {}', "{}"),
            ], "read_config": [
                ("unknown fields", "if unknown or missing:", "if missing:"),
                ("missing fields", "if unknown or missing:", "if unknown:"),
                ("earlier runs have all threads", "{**EARLIER, **stored}", "dict(stored)"),
                ("earlier augmentation", 'values |= AUGMENTATIONS[values.pop("augment")]', 'values.pop("augment")'),
            ],},),
    *in_module("runs.rates", "test_run.py runs/test_config.py test_fine_tune.py", {"new_optimizer": [
                ("biases at the weights' rate", '(bias_rate if key == "b" else 1)', "1"),
                ("a layer's rate is forgotten", "config.rate.get(layer, 1.0)", "1.0"),
                ("rates of no layer", "if unknown:", "if False:"),
                ("biases decay", 'decay_factors={"b": bias_decay}', 'decay_factors={"b": 1.0}'),
                ("the default momentum", "config.momentum", "0.9"),
                ("the default decay", "config.weight_decay", "0.0005"),
                ("the profile's factors are forgotten", 'if model.description["model"] == "alexnet":', "if False:"),
            ], "new_schedule": [
                ("plateau without tests", "if not tests:", "if False:"),
                ("epochs in any order", "list(epochs) != sorted({*epochs}) or min(epochs, default=1) < 1", "min(epochs, default=1) < 1"),
                ("epochs from 0", "list(epochs) != sorted({*epochs}) or min(epochs, default=1) < 1", "list(epochs) != sorted({*epochs})"),
                ("the default patience", "PlateauRate(rate, config.patience)", "PlateauRate(rate)"),
            ],},),
    *in_module("runs.resume", "test_train.py", {"Resumable.save": [
                ("velocities are lost", 'arrays |= {f"v/{name}": to_numpy(v) for name, v in velocities.items()}', "pass"),
            ], "Resumable.load": [
                ("another run goes on", "if was != now:", "if False:"),
                ("other pictures go on", 'if state.get("pictures", self.pictures) != self.pictures:', "if False:"),
                ("past runs are forgotten", 'self.history, self.runs = state["history"], state.get("runs", [])', 'self.history = state["history"]'),
                ("what was begun is forgotten", 'self.begun = state.get("begun", dict(NOT_BEGUN))', "pass"),
                ("velocities are forgotten", "v[...] = get_array_module(v).asarray(pieces[name])", "pass"),
                ("the schedule is forgotten", 'vars(self.schedule).update(state["schedule"])', "pass"),
                ("the layers' states are forgotten", 'self.network.load(weights, state["layers"])', "self.network.load(weights, self.network.states())"),
            ], MODULE: [
                ("another schedule goes on", "own is not None and (found is None or own.keys() != found.keys())", "False"),
            ],},),
    *in_module("runs.state", "runs/test_state.py", {MODULE: [
                ("objects without end", "if depth > DEEPEST:", "if False:"),
                ("the parts are believed", "PARTS(value, place)", "pass"),
                ("epochs of any numbers", 'mapping(real())(epoch, f"history[{number - 1}]")', "pass"),
            ],},),
    *in_module("train", "test_train.py", {"Training.run_epoch": [
                ("each epoch has the same order", "[self.seed, epoch]", "[self.seed, 1]", (1, 1)),
                ("the seed does not mix", "[self.seed, epoch]", "[0, epoch]"),
                ("the rate never drops", 'self.set_rate(begun["batches"])', "pass"),
                ("it begins again", 'self.loader.batches(order, epoch, begun["batches"])', "self.loader.batches(order, epoch)"),
                ("the mean of the batches", 'begun["loss"] += loss * len(labels)', 'begun["loss"] += loss * self.batch_size'),
                ("what diverged goes on", "if not np.isfinite(loss):", "if False:"),
                ("what was begun stays", "self.begun = dict(NOT_BEGUN)", "pass"),
                ("batches are not counted", 'begun["batches"] += 1', "pass"),
                ("time before the stop is lost", 'time.perf_counter() - begun["seconds"]', "time.perf_counter()"),
                ("the schedule hears twice", "self.schedule is not None and not len(self.dataset.test_labels)", "self.schedule is not None"),
            ], "Training.evaluate": [
                ("the schedule does not hear", 'self.schedule.update(found["error"])', "pass"),
                ("the schedule hears of training", 'split == "test" and self.schedule is not None and not again', "self.schedule is not None and not again"),
                ("the schedule hears of an epoch twice", 'split == "test" and self.schedule is not None and not again', 'split == "test" and self.schedule is not None'),
                ("a loss that is none", 'if not np.isfinite(found["loss"]):', "if False:"),
            ],},),
    *in_module("step", "test_train.py", {"Steps": [
                ("the first dx is computed", "next(layer for _, layer in model.network.leaves()).needs_dx = False", "pass"),
                ("in testing mode", "logits = self.network.forward(images, train=True)", "logits = self.network.forward(images, train=False)"),
                ("a step after a loss that is none", "if np.isfinite(loss):", "if True:"),
                ("the last step is not checked", "if not np.isfinite(loss):", "if False:"),
                ("checking is training", "logits = self.network.forward(images, train=False)", "logits = self.network.forward(images, train=True)"),
            ],},),
    *in_module("run", "test_run.py", {"load_pictures": [
                ("classes of any data", 'if limit and config.data != "tiny-imagenet":', "if False:"),
                ("held out of nothing", 'if config.tested_on == "held-out" and not config.held_out:', "if False:"),
                ("what is held out is trained on", "if config.held_out:", "if False:"),
                ("never tested on what is held out", 'tested = config.tested_on == "held-out"', "tested = False"),
            ], "new_augmentation": [
                ("centre crops with neither", "if not config.crops and not config.mirrors:", "if not config.crops:"),
                ("crops are mirrors", "Augmentation(config.crops, config.mirrors)", "Augmentation(config.mirrors, config.crops)"),
            ], "new_training": [
                ("threads as there are cores", "cores() if config.threads is None else config.threads", "cores()"),
            ],},),
    *in_module("evaluate", "test_evaluate.py", {"predict": [
                ("the ten crops are added", "probabilities.reshape(n, crops, -1).mean(axis=1)", "probabilities.reshape(n, crops, -1).sum(axis=1)"),
                ("crops of other pictures", "probabilities.reshape(n, crops, -1).mean(axis=1)", "probabilities.reshape(crops, n, -1).mean(axis=0)"),
                ("the softmax of the mean", "np.exp(to_numpy(log_softmax(logits)))", "to_numpy(log_softmax(logits))"),
            ], "top_errors": [
                ("labels of no class count", "if low < 0 or high >= K:", "if False:"),
                ("ties are right", "(probabilities > own).sum(1) + ((probabilities == own) & before).sum(1)", "(probabilities > own).sum(1)"),
                ("ties are wrong", "(probabilities > own).sum(1) + ((probabilities == own) & before).sum(1)", "(probabilities >= own).sum(1) - 1"),
                ("one place too many", "rank >= k", "rank > k"),
                ("NaN is a probability", "if np.isnan(probabilities).any():", "if False:"),
                ("no example", "if not len(labels):", "if False:"),
                ("labels of others", "probabilities.ndim != 2 or labels.shape != probabilities.shape[:1]", "probabilities.ndim != 2"),
            ], "evaluate": [
                ("the mean of the batches", "total += float(loss.forward(logits, t)) * len(t)", "total += float(loss.forward(logits, t)) * batch_size"),
                ("NaN is an error of 0", "if not np.isfinite(total):", "if False:"),
            ],},),
    *in_module("logits", "test_evaluate.py", {"logits_of": [
                ("ten crops at once ten times", "max(1, batch_size // crops)", "batch_size"),
                ("in training mode", "network.forward(x, train=False)", "network.forward(x, train=True)"),
                ("no picture is measured", "not len(images) or batch_size < 1", "False"),
                ("any number of crops", "if crops not in CROPS:", "if False:"),
                ("progress counts crops", "progress(len(places))", "progress(len(x))"),
            ],},),
    *in_module("nearest", "test_nearest.py", {"nearest": [
                ("ties as they come", 'kind="stable"', 'kind="quicksort"'),
                ("squares", "np.sqrt(squares)", "squares"),
                ("one too few", 'np.argsort(distances, axis=1, kind="stable")[:, :count]', 'np.argsort(distances, axis=1, kind="stable")[:, : count - 1]'),
            ], MODULE: [
                ("the logits themselves", "isinstance(layers.pop()[1], FullyConnected)", "not layers.pop()"),
            ],},),
    *in_module("fine_tune", "test_fine_tune.py", {"copy_fitting": [
                ("the last layer too", "list(names)[:-1]", "list(names)"),
                ("none fits", "if not copied:", "if False:"),
                ("shapes are not compared", "p in weights and weights[p].shape == own[p].shape", "p in weights"),
            ], "fine_tuned": [
                ("pictures that are too small", "if size > side:", "if False:"),
                ("small inputs say nothing", "if side >= 2 * size:", "if False:"),
                ("the old seed", "config.seed", 'source.description["seed"]'),
            ],},),
    *in_module("schedules", "test_optimizer.py", {"PlateauRate.update": [
                ("equal is better", "validation_error < self.best", "validation_error <= self.best"),
                ("it waits no longer after a drop", "self.dropped, self.waited = self.dropped + 1, 0", "self.dropped = self.dropped + 1"),
            ], MODULE: [
                ("infinite rates", "isfinite(rate) and rate >= 0", "rate >= 0"),
                ("infinite factors", "isfinite(factor) and factor > 0", "factor > 0"),
            ], "EpochListRate.update": [
                ("epochs do not pass", "self.epoch += 1", "pass"),
            ],},),
    *in_module("optimizer", "test_optimizer.py", {"MomentumSGD.__init__": [
                ("infinite rates", "all(isfinite(n) and n >= 0 for n in both)", "all(n >= 0 for n in both)"),
                ("momenta of 1", "max(self._momenta.values(), default=0) < 1", "True"),
            ], MODULE: [
                ("factors of nothing", "if key not in self.parameters and key not in lasts:", "if False:"),
                ("infinite factors", "factor >= 0 and isfinite(factor)", "factor >= 0"),
                ("all biases before one", 'given.get(name, given.get(name.rpartition(".")[2], default))', 'given.get(name.rpartition(".")[2], given.get(name, default))'),
            ], "MomentumSGD.step": [
                ("weights that are no longer there", "isinstance(self._given, Parameters) and (names := self._given.replaced())", "False"),
                ("an infinite rate", "if not isfinite(self.learning_rate):", "if False:"),
                ("gradients of others", "if gradients.keys() != self.parameters.keys():", "if False:"),
                ("gradients of other shapes", "if dw.shape != self.parameters[name].shape:", "if False:"),
            ],},),
    *in_module("parallel.batch", "parallel/test_batch.py", {"DataParallel": [
                ("each part has the first mask", "leaf.first_sample = own.first_sample + first", "pass"),
                ("the states stay", "own.state.update(leaf.state)", "pass"),
                ("threads without context", "self._pool.submit(copy_context().run, some, t)", "self._pool.submit(some, t)"),
                ("parts in another order", "results[t::threads] = future.result()", "results[t::threads] = future.result()[::-1]"),
                ("threads stay", "self._pool.shutdown()", "pass"),
            ],},),
    *in_module("network", "test_sequential.py", {"Network.must_fit": [
                ("parameters of others", "own.keys() != parameters.keys() or own_states.keys() != states.keys()", "own_states.keys() != states.keys()"),
                ("states of others", "own.keys() != parameters.keys() or own_states.keys() != states.keys()", "own.keys() != parameters.keys()"),
                ("shapes are not compared", "if own[name].shape != value.shape:", "if False:"),
            ], "Network.load": [
                ("states are not loaded", "leaves[layer].state[key] = number", "pass"),
            ],},),
]  # fmt: skip
