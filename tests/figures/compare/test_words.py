"""Words say no more than the numbers."""

from compare import words


def test_a_difference_is_within_the_seeds_and_called_noise_where_it_is():
    # -10, -11 and -9 points: mean -10, half-width 4.303 / sqrt(3).
    apart = words.difference((0.5, 0.6, 0.7), (0.6, 0.71, 0.79))
    assert apart == "-10.00 points (95 % interval -12.48 to -7.52, 3 seeds, paired)"
    same = words.difference((0.5, 0.6, 0.7), (0.6, 0.5, 0.71))
    assert same.endswith("3 seeds, paired), inside the noise")
    one = words.difference((0.5,), (0.6,))
    assert one == "-10.00 points (one seed, so no interval)"


def test_a_ratio_is_said_with_its_interval():
    assert words.times_as_many([2.0, 2.0, 2.0], "epochs") == (
        "2.0 times as many epochs (95 % interval 2.0 to 2.0, 3 seeds, paired)"
    )
    assert words.times_as_many([3.0]) == (
        "3.0 times as many (one seed, so no interval)"
    )
