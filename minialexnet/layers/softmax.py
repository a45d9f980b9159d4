"""Softmax and the cross-entropy loss."""

from ..engine.arrays import Array, get_array_module
from .refuse_labels import after_forward, takes_logits


def log_softmax(x: Array) -> Array:
    """Return the logarithm of the softmax of each row of logits, (N, K).

    The row's maximum is subtracted first, so only the differences of a row's logits
    count, not their size.
    """
    xp = get_array_module(x)
    shifted = x - xp.take_along_axis(x, x.argmax(axis=1)[:, None], axis=1)
    log_p: Array = shifted - xp.log(xp.exp(shifted).sum(axis=1, keepdims=True))
    return log_p


class SoftmaxCrossEntropy:
    """The multinomial logistic regression objective (Krizhevsky 2012, section 3.5).

    p[n, k] = e^x[n, k] / sum over j of e^x[n, j]; the loss is the mean over the batch
    of -log p[n, label[n]], in nats per example.

    Attributes
    ----------
    probabilities : ndarray, shape (N, K)
        p of the last forward.
    labels : ndarray of int, shape (N,), or None
        What the last forward was given.

    Examples
    --------
    >>> import numpy as np
    >>> loss = SoftmaxCrossEntropy()
    >>> round(float(loss.forward(np.zeros((2, 1000)), np.array([3, 7]))), 4)  # ln 1000
    6.9078
    """

    labels: Array = None

    @takes_logits
    def forward(self, x: Array, labels: Array) -> Array:
        """Return the mean loss over the batch, in nats per example, as a 0-d array.

        Parameters
        ----------
        x : ndarray, shape (N, K)
            Logits, K at least 1.
        labels : ndarray of int, shape (N,)
            Each from 0 to K - 1.

        Raises
        ------
        TypeError
            If the labels are not whole numbers or the logits are.
        ValueError
            If the shapes do not fit, the batch is empty or a label is out of range.
        """
        xp = get_array_module(x, labels)
        log_p = log_softmax(x)
        self.probabilities = xp.exp(log_p)
        self.labels = labels
        return -xp.take_along_axis(log_p, labels[:, None], axis=1).mean()

    @after_forward
    def backward(self) -> Array:
        """Return dx = (p - onehot(label)) / N, (N, K)."""
        xp = get_array_module(self.probabilities)
        N, K = self.probabilities.shape
        # dx
        return (self.probabilities - (self.labels[:, None] == xp.arange(K))) / N
