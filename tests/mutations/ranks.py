"""Ranks that are watched: tried where the extra mpi is installed, as in .ci/run."""

from importlib.util import find_spec

from .mutation import in_module, only

RANKS = "parallel/test_ranks.py"
FAILS = only(RANKS, "one_rank_that_fails_ends_the_job_by_name")

WATCHED = [
    *in_module('parallel.watched', FAILS, {"Watched.__init__": [
                ("a rank does not say its name", "self._say(word=word, name=ranks.name)", 'self._say(word=word, name="a rank")'),
                ("no sign of life", "(self._beat, self._listen)", "(self._listen,)"),
                ("nobody hears the watch", "(self._beat, self._listen)", "(self._beat,)"),
            ], "Watched.fail": [
                ("the last word is not said", "not self._say(failed=why) or not self._told.wait(LAST_WORDS)", "False"),
            ],},),
    *in_module('parallel.watched', only(RANKS, "a_rank_that_feels_the_end_of_another_is_not_named"), {"Watched.let_others_speak": [
                ("others are not waited for", "self._told.wait(LAST_WORDS)", "pass"),
            ],},),
    *in_module('parallel.watched', only(RANKS, "ctrl_c_ends_all_ranks_and_leaves_the_last_checkpoint"), {"Watched.fail": [
                ("the exit code is lost", "self._abort(code)", "self._abort(1)"),
            ],},),
    *in_module('parallel.watched', only(RANKS, "ranks_end_in_the_bits_of_one_process"), {"Watched.close": [
                ("a rank that is done has not said so", "self._say(done=True)", "pass"),
            ],},),
]  # fmt: skip
MUTATIONS = WATCHED if find_spec("mpi4py") else []
