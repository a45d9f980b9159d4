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
]  # fmt: skip
