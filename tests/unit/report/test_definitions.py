"""Sentences about features."""

from radiome.features.catalogue import features
from radiome.report.definitions import definitions


def test_every_feature_has_a_sentence_and_no_other_has():
    assert definitions().keys() == features().keys()


def test_sentences_end_and_formulas_say_what_their_symbols_are():
    for tag, told in definitions().items():
        assert told.sentence.endswith("."), tag
        assert told.sentence[0].isupper(), tag
        assert len(told.sentence) < 140, tag
        assert bool(told.formula) == bool(told.symbols), tag
