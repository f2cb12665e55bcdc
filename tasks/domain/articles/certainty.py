"""How sure extraction is of each field: a calibrated probability, given as one of three words.

A logistic model for each field over the features of `evidence`. Weights and bounds are data
(`data/certainty.json`); `python -m bench.fit` makes them from pages with known truth and prints how reliable
each word is on folds that it was not fitted on (docs/decisions/certainty.md).
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from tasks.domain.articles.evidence import Evidence, Features
from warehouse.records.article import Certainty, FieldCertainty


@dataclass(frozen=True, slots=True)
class CertaintyModel:
    """The weights of one field's features, and the probabilities from which it is sure or likely right."""

    weights: Mapping[str, float]
    sure_from: float
    likely_from: float

    def probability(self, features: Features) -> float:
        """Return the probability that the field is right."""
        score = self.weights["intercept"]
        score += sum(self.weights.get(name, 0.0) * value for name, value in features.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))

    def judge(self, features: Features) -> Certainty:
        """Return how sure the field is; a field of which nothing was found is doubtful."""
        if "missing" in features:
            return Certainty.DOUBTFUL
        probability = self.probability(features)
        if probability >= self.sure_from:
            return Certainty.SURE
        return Certainty.LIKELY if probability >= self.likely_from else Certainty.DOUBTFUL


def read_models() -> dict[str, CertaintyModel]:
    """Return the models of `data/certainty.json`, by field."""
    text = files("tasks.domain.articles").joinpath("data", "certainty.json").read_text(encoding="utf-8")
    return {name: CertaintyModel(**model) for name, model in json.loads(text).items()}


_MODELS = read_models()


def judge_certainty(evidence: Evidence) -> FieldCertainty:
    """Return how sure each field of an article is."""
    return FieldCertainty(
        title=_MODELS["title"].judge(evidence.title),
        published=_MODELS["published"].judge(evidence.published),
        body=_MODELS["body"].judge(evidence.body),
        authors=_MODELS["authors"].judge(evidence.authors),
    )
