"""Training by skorch that tells a callback that has seen enough from Ctrl-C."""

import signal
import threading
from contextlib import contextmanager

from skorch import NeuralNetClassifier
from torch.nn.functional import cross_entropy


class StopTraining(Exception):
    """A callback ends the training, which skorch's do by a KeyboardInterrupt."""


class StoppableNet(NeuralNetClassifier):
    """skorch's net, whose callbacks end the training by `StopTraining`."""

    is_interrupted = staticmethod(bool)  # tells whether Ctrl-C was pressed

    def get_loss(self, y_pred, y_true, *args, X=None, **kwargs):
        """Return the mean loss, over the weights that come beside images."""
        if not isinstance(X, dict):
            return super().get_loss(y_pred, y_true, *args, X=X, **kwargs)
        of_class = self.criterion_.weight
        y_true, weight = y_true.to(y_pred.device), X["sample_weight"].to(y_pred.device)
        losses = cross_entropy(y_pred, y_true, weight=of_class, reduction="none")
        return (weight * losses).sum() / (weight * of_class[y_true]).sum()

    def notify(self, method_name, **cb_kwargs):
        """Call a method of all callbacks."""
        try:
            super().notify(method_name, **cb_kwargs)
        except KeyboardInterrupt as interruption:
            if self.is_interrupted():
                raise
            raise StopTraining from interruption


def train(net):
    """Train a net; return the KeyboardInterrupt of Ctrl-C, or None.

    skorch's own `fit` keeps an interruption to itself.
    """
    net.initialize()
    net.notify("on_train_begin", X=net.dataset, y=None)
    interruption = None
    with _noticed_interruptions() as pressed:
        net.is_interrupted = lambda: bool(pressed)
        try:
            net.fit_loop(net.dataset)
        except StopTraining:
            pass
        except KeyboardInterrupt as error:
            interruption = error
    net.notify("on_train_end", X=net.dataset, y=None)
    return interruption


@contextmanager
def _noticed_interruptions():
    """Give a list that Ctrl-C adds to, before it interrupts as ever."""
    pressed = []

    def interrupt(number, frame):
        pressed.append(number)
        signal.default_int_handler(number, frame)

    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield pressed
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
