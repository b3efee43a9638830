"""Sentences about features."""

import re

from radiome.features.catalogue import features
from radiome.report.definitions import definitions


def test_every_feature_has_a_sentence_and_no_other_has():
    assert definitions().keys() == features().keys()


def test_sentences_end_and_formulas_say_what_their_symbols_are():
    for tag, told in definitions().items():
        assert told.sentence.endswith("."), tag
        assert told.sentence[0].isupper(), tag
        assert len(told.sentence) < 140, tag
        if not told.formula:
            assert not told.symbols, tag


def test_symbols_that_are_explained_are_those_of_the_formula():
    for tag, told in definitions().items():
        explained = re.findall(r"(?:^|\. )([^\s:.]+(?:, [^\s:.]+)*):", told.symbols)
        for symbol in ", ".join(explained).split(", "):
            # Shares p are made of the counts r, s and d, which are explained instead.
            counted = f"p = {symbol[:1]} / N" in told.symbols or "N" in symbol
            assert symbol in told.formula or symbol[0] in told.formula or counted, (tag, symbol)
        for letter in set(re.findall(r"(?<![\w(])[A-Zμσλ](?![\w])", told.formula)):
            assert letter in told.symbols, (tag, letter)
