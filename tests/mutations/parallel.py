"""Networks on several devices."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module('parallel.two_streams', 'parallel/test_two_devices.py', {"TwoStreams.on_both": [
                ("the towers do not meet", "meet(*self._streams)", "pass"),
            ], "TwoStreams": [
                ("both towers on the default stream", "with use_stream(self._streams[tower]):", "with use_device(self.devices[tower]):"),
                ("nothing crosses", "other = to_device(other, self.devices[tower])", "pass"),
            ], "TwoStreams.close": [
                ("the threads stay", "thread.shutdown()", "pass"),
            ],},),
    *in_module('parallel.two_devices', 'parallel/test_two_devices.py', {"TwoDevices.forward_segment": [
                ("a view crosses", "return y, self.streams.sendable(y[:, shown])", "return y, y[:, shown]"),
            ], "TwoDevices.backward_segment": [
                ("a view of dx crosses", "self.streams.sendable(dx[:, others])", "dx[:, others]"),
                ("dy is changed", "own = own.copy()", "pass"),
                ("what the other tower found is not added", "own[:, self.segment_ends[i].shown(tower, own.shape[1])] += other", "own[:, self.segment_ends[i].shown(tower, own.shape[1])] += 0"),
            ], "TwoDevices.forward": [
                ("the towers do not wait for the pictures", "self.streams.meet_caller()", "pass", (1, 2)),
                ("the caller does not wait for the output", "self.streams.meet_caller()", "pass", (2, 2)),
            ], "TwoDevices.backward": [
                ("the towers do not wait for dy", "self.streams.meet_caller()", "pass", (1, 2)),
                ("the caller does not wait for the gradients", "self.streams.meet_caller()", "pass", (2, 2)),
                ("dx of one tower only", "return have[0] + to_device(have[1], self.devices[0])", "return have[0]"),
            ],},),
    *in_module('parallel.exchange', 'parallel/test_two_devices.py', {MODULE: [
                ("the wrong tower's maps are shown", "self.seen[1 - tower]", "self.seen[tower]"),
                ("the second tower's mask begins too early", "self._begin + each * self._maps[0]", "self._begin"),
            ],},),
    *in_module('parallel.cut', 'parallel/test_two_devices.py', {MODULE: [
                ("the normalisation sees too far up", "min((layer.n - 1) // 2, maps[1])", "min(layer.n // 2, maps[1])"),
                ("the weights are the network's own", "to_numpy(v)[kernels].copy()", "to_numpy(v)[kernels]"),
            ],},),
    *in_module('parallel.towers', 'parallel/test_two_devices.py', {"Towers.load": [
                ("the states are not loaded", "{k: states[k] for k in part.states()}", "part.states()"),
            ],},),
    *in_module('parallel.worker', 'parallel/test_in_turns.py', {"Worker.prepare": [
                ("every rank drops the first rank's pictures", "own.first_sample + first", "own.first_sample"),
                ("every rank drops the first rank's units", "own.first_unit + units.start", "own.first_unit"),
            ], "Worker.backward": [
                ("units of each rank are taken for pictures", "enumerate(self.units.items())", "enumerate(self.units.items(), 1)"),
            ], "Worker.add_gradients": [
                ("gradients are not summed", "dw[...] = flat[slice(*both)].reshape(dw.shape)", "pass"),
            ],},),
    *in_module('parallel.turns', 'parallel/test_in_turns.py', {"Rank.sum": [
                ("one rank's pieces alone are sent on", "in_order(own)", "own[0]"),
            ], "take_turns": [
                ("what stays at home is counted", "others = arrays[:rank] + arrays[rank + 1 :]", "others = arrays"),
            ],},),
    *in_module('parallel.cost', 'parallel/test_cost.py', {"step_cost": [
                ("the sum takes half of its messages", "2 * turns * bool(summed)", "turns * bool(summed)"),
                ("all of backward hides the sum", "sum(row.multiply_adds for row in rows[: max(learned, default=0)])", "sum(row.multiply_adds for row in rows)"),
            ],},),
    *in_module('parallel.bytes_sent', 'parallel/test_in_turns.py', {"bytes_sent": [
                ("the sum is sent once", "2 * each * summed", "each * summed"),
                ("the units' parameters are summed too", "if not found:", "if True:"),
            ],},),
    *in_module('parallel.sums', 'parallel/test_batch.py', {"add_parts": [
                ("a part is left out", "total[key] += dw", "total[key] = dw"),
            ], "Sums.give": [
                ("a part is lost", "add_parts(given[0], [given.pop(self._next[name])])", "given.pop(self._next[name])"),
            ],},),
    *in_module('parallel.batch', 'parallel/test_batch.py', {"DataParallel": [
                ("BLAS takes as many threads as the processor's", "with blas_on(self.parts):", "with blas_on(self.threads):"),
            ], "borders": [
                ("parts without a picture", "count = min(N, parts)", "count = parts"),
            ],},),
    *in_module('parallel.batch_on_ranks', 'parallel/test_batch_on_ranks.py', {"BatchOnRanks.own": [
                ("the first rank is without a part", "-(-count * r // self.ranks.size)", "count * r // self.ranks.size"),
            ], "BatchOnRanks.forward": [
                ("every rank drops the first rank's pictures", "self._prepare(copy, begin + share.start)", "self._prepare(copy, share.start)"),
                ("a rank without pictures does not count the step", "own.state.update(outputs[0][1][name])", "own.state.update(state[name])"),
            ], "BatchOnRanks.backward": [
                ("dx of all ranks' pictures", "own = dy[self._rows]", "own = dy"),
                ("the outputs of another rank", "dy[self._rows]", "dy[: self._rows.stop - self._rows.start]"),
            ],},),
    *in_module('parallel.chain', 'parallel/test_batch_on_ranks.py', {"Chain": [
                ("the own parts are not added", "bucket += part", "bucket = part"),
                ("the sum is not sent back", "yield world.Irecv(bucket, rank + 1, down)", "pass"),
                ("what is sent is not counted", "self.travelled.sent += bucket.nbytes", "self.travelled.sent += 1"),
            ],},),
    *in_module('parallel.nccl_sums', 'parallel/test_nccl_sums.py', {"NcclSums.add": [
                ("the sum does not wait for backward", "follow(self._stream, current_stream(self.device))", "pass"),
            ], "NcclSums.finish": [
                ("the step does not wait for the sum", "follow(current_stream(self.device), self._stream)", "pass"),
            ],},),
    *in_module('parallel.watch', 'parallel/test_watch.py', {"Watch.take": [
                ("a rank that is done counts as killed", 'about is None or about["done"]', "about is None"),
            ], "Watch.ended": [
                ("only one of several is named", '" or ".join(sorted(self.silent))', '"".join(self.silent[:1])'),
            ], "Watch": [
                ("strangers are let in", 'said.get("word") != self.word', "False"),
                ("what a rank says is not told", '"failed" not in said', "True"),
            ], "Watch.end": [
                ("the rank that failed ends with the others", "client is not self.failed", "0"),
                ("its end is not waited for", "while client is self.failed and client.recv(LONGEST):", "while False:"),
            ],},),
    *in_module('parallel.launcher', 'parallel/test_launcher.py', {"launched": [
                ("any launcher's variables count", "size in found and needed in found", "size in found"),
                ("a batch script of one task counts", 'launched.size == 1 and "SLURM" in size', "False"),
            ],},),
    *in_module('parallel.in_turns', 'parallel/test_in_turns.py', {MODULE: [
                ("any layers", "if i == 0 or units < ranks:", "if False:"),
                ("convolutions after units", "if units and not isinstance(layer, NEURONS):", "if False:"),
                ("fewer pictures than ranks", "if len(x) < len(self.workers):", "if False:"),
                ("any scheme", "scheme not in SCHEMES or ranks < 1", "False"),
                ("states are not counted", "self.network.layers[name].state.update(layer.state)", "pass"),
                ("dx of the first rank", "concatenate(dxs)", "dxs[0]"),
            ],},),
    *in_module('parallel.place', 'parallel/test_place.py', {MODULE: [
                ("one thread has a batch in parts", "(parts or threads) != 1", "True"),
                ("ranks share a GPU", 'device != "cuda" and ranks.local_size > 1', "False"),
                ("every rank has the first GPU", 'f"cuda:{ranks.local_rank}" if device == "cuda" else device', '"cuda:0"'),
            ],},),
    *in_module('parallel.ranks', 'parallel/test_launcher.py', {MODULE: [
                ("each works alone", "if stranger or world.size != found.size:", "if False:"),
                ("one thread at a time", "if MPI.Query_thread() != MPI.THREAD_MULTIPLE:", "if False:"),
            ],},),
    *in_module('parallel.towers', 'parallel/test_two_devices.py', {"Towers.split": [
                ("any shape", "if value.shape != shape:", "if False:"),
            ], MODULE: [
                ("names of others", "if odd:", "if False:"),
            ],},),
    *in_module('parallel.watch', 'parallel/test_watch.py', {"Watch": [
                ("strangers are ranks", 'if said.get("word") != self.word:', "if False:"),
                ("whoever is done has stalled", 'now - about["heard"] > least and not about["done"]', 'now - about["heard"] > least'),
                ("whoever waits has stalled", 'about["moves"] and not about["waits"] and now - about["moved"] > least', 'about["moves"] and now - about["moved"] > least'),
                ("steps are not counted", 'about["moved"] = now', "pass"),
            ],},),
]  # fmt: skip
