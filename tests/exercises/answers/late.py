"""Exercises 9 to 12."""

from .answer import Answer, Wrong

SOFTMAX = "np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)"
TIMES = "the error that stands"
UPDATE = """\
if validation_error < self.best:
            self.best, self.waited = validation_error, 0
        else:
            self.waited += 1
        if self.waited >= self.patience and self.dropped < self.drops:
            self.dropped, self.waited = self.dropped + 1, 0"""
PROBABILITIES = (
    "np.exp(x - x.max(axis=1, keepdims=True))"
    " / np.exp(x - x.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)"
)


def update(old, new):
    assert UPDATE.count(old) == 1
    return {1: UPDATE.replace(old, new)}


ANSWERS = {
    9: Answer(
        (
            "x - x.max(axis=1, keepdims=True)",
            SOFTMAX,
            "self.p[np.arange(N), labels]",
            "-np.log(right).mean()",
            "(self.p - (self.labels[:, None] == np.arange(K))) / N",
        ),
        (
            Wrong({3: "-np.log(right).sum()"}, "the loss", "loss",
                  "the sum for the mean"),
            Wrong({3: "np.log(right).mean()"}, "the loss", "loss",
                  "the sign of the loss"),
            Wrong({3: "(1 - right).mean()"}, "the loss", "loss",
                  "the probability for its logarithm"),
            Wrong({1: "np.exp(shifted) / np.exp(shifted).sum(axis=0)"}, "the loss",
                  "loss", "the softmax over the pictures"),
            Wrong({4: "self.p - (self.labels[:, None] == np.arange(K))"}, "backward",
                  "dx", "backward without the mean"),
            Wrong({4: "self.p / N"}, "backward", "dx",
                  "the right class is not subtracted"),
            Wrong({4: "((self.labels[:, None] == np.arange(K)) - self.p) / N"},
                  "backward", "dx", "the sign of dx"),
            Wrong({0: "x"}, "large logits", "loss", ""),
        ),
    ),
    10: Answer(
        (
            "self.momentum * self.v - self.learning_rate * "
            "(self.weight_decay * self.w + dw)",
            "self.w += self.v",
        ),
        (
            Wrong({0: "self.momentum * self.v - self.weight_decay * self.w "
                      "- self.learning_rate * dw"},
                  "one step", "w after step 1", "the decay outside the rate"),
            Wrong({0: "self.momentum * self.v - self.learning_rate * "
                      "(self.weight_decay * self.w - dw)"},
                  "one step", "w after step 1", "uphill"),
            Wrong({0: "self.momentum * self.v + self.learning_rate * "
                      "(self.weight_decay * self.w - dw)"},
                  "one step", "w after step 1", "the weights grow"),
            Wrong({0: "-self.learning_rate * (self.weight_decay * self.w + dw)"},
                  "several steps", "w after step 2", "the velocity is forgotten"),
            Wrong({0: "self.momentum * self.v - (1 - self.momentum) * "
                      "self.learning_rate * dw"},
                  "one step", "w after step 1", ""),
            Wrong({0: "self.momentum * self.v - self.weight_decay * self.w - dw",
                   1: "self.w += self.learning_rate * self.v"},
                  "another rate", "w after step 2", "the rate is outside the velocity"),
            Wrong({1: "self.w = self.w + self.v"}, "one step", "w after step 1",
                  "w is another array"),
            Wrong({0: "self.v - self.learning_rate * "
                      "(self.weight_decay * self.w + dw)"},
                  "several steps", "w after step 2", "momentum does not fade"),
        ),
    ),
    11: Answer(
        ("self.learning_rate / self.factor**self.dropped", UPDATE),
        (
            Wrong(update("            self.waited += 1",
                         "            self.waited += 1\n"
                         "            self.best = validation_error"),
                  "an error that stands", "rates", "compared with the epoch before"),
            Wrong(update("self.best, self.waited = validation_error, 0",
                         "self.best = validation_error"),
                  "an error that goes up and down", "rates",
                  "waiting goes on after an improvement"),
            Wrong(update("self.dropped, self.waited = self.dropped + 1, 0",
                         "self.dropped += 1"),
                  "drop after drop", "rates", "waiting does not begin anew"),
            Wrong(update(" and self.dropped < self.drops", ""),
                  "an error that stands", "rates", "no end of drops"),
            Wrong(update(">= self.patience", "> self.patience"),
                  "an error that stands", "rates", "one epoch too late"),
            Wrong(update("validation_error < self.best",
                         "validation_error <= self.best"),
                  "an error that stands", "rates", "an equal error counts as better"),
            Wrong({0: "self.learning_rate / 10**self.dropped"}, "drop after drop",
                  "rates", "not the factor given"),
            Wrong({0: "self.learning_rate * self.factor**self.dropped"},
                  "an error that stands", "rates", ""),
        ),
    ),
    12: Answer(
        (
            "image[:, :size, -size:]",
            "image[:, -size:, :size]",
            "image[:, -size:, -size:]",
            "image[:, (image.shape[1] - size) // 2 :, (image.shape[2] - size) // 2 :]"
            "[:, :size, :size]",
            "np.concatenate((five, five[:, :, :, ::-1]))",
            PROBABILITIES,
            "softmax(logits).reshape(-1, 10, K).mean(axis=1)",
        ),
        (
            Wrong({0: "image[:, -size:, :size]", 1: "image[:, :size, -size:]"},
                  "five crops", "crops", "the order of the corners"),
            Wrong({3: "image[:, (image.shape[1] - size + 1) // 2 :, "
                      "(image.shape[2] - size + 1) // 2 :][:, :size, :size]"},
                  "five crops", "crops", "the centre is off"),
            Wrong({0: "image[:, :size, -size - 1 : -1]",
                   1: "image[:, -size - 1 : -1, :size]",
                   2: "image[:, -size - 1 : -1, -size - 1 : -1]"},
                  "five crops", "crops", "off by one at the far side"),
            Wrong({4: "np.concatenate((five, five[:, :, ::-1]))"}, "ten crops",
                  "crops", "upside down"),
            Wrong({4: "np.stack((five, five[..., ::-1]), 1).reshape(10, "
                      "*five.shape[1:])"},
                  "ten crops", "crops", "each beside its mirror image"),
            Wrong({6: "softmax(logits.reshape(-1, 10, K).mean(axis=1))"},
                  "the mean of ten", "mean", "the mean before the softmax"),
            Wrong({6: "softmax(logits).reshape(10, -1, K).mean(axis=0)"},
                  "the mean of ten", "mean", "rows of other pictures"),
            Wrong({5: "np.exp(x) / np.exp(x).sum()"}, "the softmax", "p", ""),
        ),
    ),
}  # fmt: skip
