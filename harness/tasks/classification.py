"""Classification: a logistic regression on frozen embeddings, as SentEval and MTEB do it."""

from __future__ import annotations

import warnings
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from harness import settings
from harness.config import LoadedConfig, LoadedSuite
from harness.datasets import texts
from harness.datasets.texts import TextsData
from harness.measures import sets
from harness.models.protocols import Embeddings
from harness.settings import Settings
from harness.tasks.texts import Predictions, TextTask


class ClassifierProtocol(Settings):
    """How the classifier learns. Everything here is scikit-learn's ``LogisticRegression`` (lbfgs, L2).

    Attributes:
        samples_per_label: training texts drawn for each label, all of those with fewer; None: every training text. MTEB
            draws 8, in 10 repeats, with max_iter 100.
        repeats: draws; the figure is the mean over them.
        c: inverse strength of the regularisation.
        max_iter: iterations of the solver at most; what has not converged by then is said.
        seed: of the draws. It belongs to the suite: all pipelines learn from the same texts.
    """

    samples_per_label: Annotated[int, Field(ge=1)] | None = None
    repeats: Annotated[int, Field(ge=1, le=1000)] = 1
    c: Annotated[float, Field(gt=0)] = 1.0
    max_iter: Annotated[int, Field(ge=1)] = 1000
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _repeats_differ(self) -> ClassifierProtocol:
        if self.repeats > 1 and self.samples_per_label is None:
            raise ValueError("repeats: all would learn from the same texts; give samples_per_label too")
        return self


class ClassificationTask(TextTask):
    """Training and test texts with labels; a pipeline is one bi-encoder."""

    name = "classification"
    measures = sets.PREDICTIONS
    on_top = "logistic_regression"

    def check_source(self, suite: LoadedSuite) -> None:
        """Check dataset and protocol."""
        texts.split_source(suite)
        _protocol(suite)

    def load(self, config: LoadedConfig) -> TextsData:
        """Load the texts."""
        return texts.load_split(config.suite)

    def protocol(self, suite: LoadedSuite) -> dict[str, Any]:
        """The protocol in use, defaults included."""
        return _protocol(suite).model_dump(mode="json")

    def predict(
        self, config: LoadedConfig, data: TextsData, vectors: Embeddings
    ) -> tuple[Predictions, list[str]]:
        """Learn from the training texts, and predict the test texts' labels."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        protocol = _protocol(config.suite)
        n_train = len(data.train)
        labels = np.asarray([item.label for item in data.train])
        found, unfinished = [], 0
        for repeat in range(protocol.repeats):
            chosen = _drawn(labels, protocol, repeat)
            classifier = LogisticRegression(C=protocol.c, max_iter=protocol.max_iter)
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always", ConvergenceWarning)
                classifier.fit(vectors[chosen], labels[chosen])
            unfinished += any(issubclass(one.category, ConvergenceWarning) for one in said)
            found.append(classifier.predict(vectors[n_train:]))
        told = (
            [
                f"the logistic regression had not converged after {protocol.max_iter} iterations in {unfinished} of "
                f"{protocol.repeats} fits; raise protocol.max_iter"
            ]
            if unfinished
            else []
        )
        return np.stack(found), told


def _protocol(suite: LoadedSuite) -> ClassifierProtocol:
    return settings.build(ClassifierProtocol, suite.settings.protocol, suite.file, ("protocol",))


def _drawn(labels: Any, protocol: ClassifierProtocol, repeat: int) -> Any:
    """Positions of the training texts of one repeat, in their order."""
    if protocol.samples_per_label is None:
        return np.arange(len(labels))
    order = np.random.default_rng([protocol.seed, repeat]).permutation(len(labels))
    chosen = [order[labels[order] == label][: protocol.samples_per_label] for label in np.unique(labels)]
    return np.sort(np.concatenate(chosen))
