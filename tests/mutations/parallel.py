"""Networks on several devices."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module('parallel.two_devices', 'parallel/test_two_devices.py', {"TwoDevices": [
                ("the towers do not meet", "meet(*self._streams)", "pass"),
                ("both towers on the default stream", "with use_stream(self._streams[tower]):", "with use_device(self.devices[tower]):"),
                ("a view crosses", "return y, self._sendable(y[:, shown])", "return y, y[:, shown]"),
                ("a view of dx crosses", "self._sendable(dx[:, others])", "dx[:, others]"),
                ("nothing crosses", "other = to_device(other, self.devices[tower])", "pass"),
                ("dy is changed", "own = own.copy()", "pass"),
                ("what the other tower found is not added", "own[:, self._exchanges[i].shown(tower, own.shape[1])] += other", "own[:, self._exchanges[i].shown(tower, own.shape[1])] += 0"),
            ], "TwoDevices.forward": [
                ("the towers do not wait for the pictures", "self._meet_caller()", "pass", (1, 2)),
                ("the caller does not wait for the output", "self._meet_caller()", "pass", (2, 2)),
            ], "TwoDevices.backward": [
                ("the towers do not wait for dy", "self._meet_caller()", "pass", (1, 2)),
                ("the caller does not wait for the gradients", "self._meet_caller()", "pass", (2, 2)),
                ("dx of one tower only", "return have[0] + to_device(have[1], self.devices[0])", "return have[0]"),
            ], MODULE: [
                ("the wrong tower's maps are shown", "self.seen[1 - tower]", "self.seen[tower]"),
                ("the second tower's mask begins too early", "self._begin + each * self._maps[0]", "self._begin"),
                ("the normalisation sees too far up", "min((layer.n - 1) // 2, maps[1])", "min(layer.n // 2, maps[1])"),
                ("the weights are the network's own", "to_numpy(v)[kernels].copy()", "to_numpy(v)[kernels]"),
            ], "TwoDevices.close": [
                ("the threads stay", "thread.shutdown()", "pass"),
            ], "TwoDevices.load": [
                ("the states are not loaded", "{k: states[k] for k in network.states()}", "network.states()"),
            ],},),
]  # fmt: skip
