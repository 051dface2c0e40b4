"""Cells of a file of requirements: C-days, numbers and ids, each way of writing them."""

from __future__ import annotations

from datetime import date

import pytest

from flanksim.tpfdd.fields import FIELDS, HEADERS, normal
from flanksim.tpfdd.values import BadCellError, day_of, value_of, written_day


@pytest.mark.parametrize(
    ("cell", "day"),
    [("C+3", 3), ("C003", 3), ("c3", 3), ("C-2", -2), ("C+0", 0), ("7", 7), ("-1", -1), ("2027-03-04", 3),
     ("2027-02-27", -2), ("2028-02-29", 365)],
)  # fmt: skip
def test_days(cell: str, day: int) -> None:
    assert day_of(cell, date(2027, 3, 1)) == day
    assert day_of(written_day(day), None) == day


@pytest.mark.parametrize(
    ("cell", "code", "said"),
    [("D+3", "E105", "D-day"), ("C+3.5", "E105", "no C-day"), ("soon", "E105", "no C-day"), ("", "E105", "no C-day"),
     ("2027-02-30", "E105", "no date"), ("C9999", "E106", "9,999 days"), ("2047-01-01", "E106", "days from C-day"),
     ("C\u0663", "E105", "no C-day")],
)  # fmt: skip
def test_days_that_are_none(cell: str, code: str, said: str) -> None:
    with pytest.raises(BadCellError) as caught:
        day_of(cell, date(2027, 3, 1))
    assert caught.value.code == code
    assert said in caught.value.message


def test_a_date_needs_a_c_day() -> None:
    with pytest.raises(BadCellError) as caught:
        day_of("2027-03-04", None)
    assert "--c-day" in caught.value.hint


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [("STONS", "1,200.5", 1200.5), ("STONS", ".5", 0.5), ("STONS", "1e3", 1000.0), ("PAX_TOTAL", "400", 400),
     ("PAX_TOTAL", "400.0", 400), ("TRACKED", "y", True), ("TRACKED", "No", False), ("MODE", "sk", "SK")],
)  # fmt: skip
def test_values(field: str, cell: str, value: object) -> None:
    assert value_of(FIELDS[field], cell, None) == value


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [("STONS", "nan", "E106"), ("STONS", "-inf", "E106"), ("STONS", "Infinity", "E106"), ("STONS", "-3", "E106"),
     ("STONS", "1e9", "E106"), ("STONS", "12 t", "E105"), ("STONS", "1_000", "E105"), ("STONS", "1,2", "E105"),
     ("PAX_TOTAL", "3.5", "E105"), ("PAX_TOTAL", "9" * 400, "E106"), ("TRACKED", "maybe", "E105"),
     ("MODE", "Q", "E105"), ("ULN", "0A AA", "E111"), ("ULN", "a/b", "E111")],
)  # fmt: skip
def test_values_that_cannot_be(field: str, cell: str, code: str) -> None:
    with pytest.raises(BadCellError) as caught:
        value_of(FIELDS[field], cell, None)
    assert caught.value.code == code
    assert caught.value.hint


def test_headers_name_one_field_each() -> None:
    names = [alias for entry in FIELDS.values() for alias in (entry.name, *entry.aliases)]
    assert len(names) == len(set(names)) == len(HEADERS)
    assert all(normal(name) == name for name in names)
