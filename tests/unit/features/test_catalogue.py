"""The catalogue describes every column, and every family yields what it promises."""

import pytest

from radiome.extraction.settings import ALL_FAMILIES
from radiome.features.catalogue import (
    AGGREGATIONS,
    FAMILIES,
    catalogue_rows,
    entry,
    features,
    split_column,
)
from radiome.features.families import FAMILY_TABLE, column_tags


def test_families_of_the_table_and_of_the_catalogue_are_the_same():
    assert list(FAMILY_TABLE) == list(FAMILIES)
    assert {known.family for known in features().values()} == set(FAMILIES)


def test_all_aggregations_give_the_487_columns_of_the_digital_phantom():
    texture = ("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb")
    tags = [tag for family in ALL_FAMILIES for tag in column_tags(family, texture)]
    assert len(tags) == len(set(tags)) == 487


def test_entry_of_an_aggregated_column():
    column = entry("cm_contrast_2_5D_avg")
    assert (column.ibsi_code, column.name) == ("ACUI", "Contrast")
    assert column.aggregation == "2.5D, direction-merged"
    assert column.unit == "level²"


def test_every_row_is_complete():
    for row in catalogue_rows(features()):
        coded = row["family"] in ALL_FAMILIES
        optional = ("aggregation", "image") if coded else (
            "aggregation", "image", "ibsi_code", "family_code",
        )  # fmt: skip
        assert all(row[key] for key in row if key not in optional), row
        assert len(row["ibsi_code"]) == (4 if coded else 0)


def test_unknown_column_is_refused():
    with pytest.raises(KeyError):
        entry("cm_contrast_4D")


def test_aggregation_names_are_those_of_the_standard():
    assert AGGREGATIONS["2D_comb"] == "2D, slice-merged"


def test_a_column_of_a_response_map_is_its_name_and_the_feature():
    column = entry("wavelet_coif1_LLH_cm_contrast_3D_avg")
    assert (column.image, column.name) == ("wavelet_coif1_LLH", "Contrast")
    assert column.aggregation == "3D, averaged"
    assert split_column("log_1.5mm_stat_mean") == ("log_1.5mm", "stat_mean", "")
