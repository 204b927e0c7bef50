"""A past that a trained generator goes on from: the last rows of a table like the one it knows."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lab.calendar import Calendar, goes_with, iso
from gan_lab.data.table.cleaning import Policy
from gan_lab.data.table.examine import Choice, examine
from gan_lab.data.table.history import Content, History
from gan_lab.data.table.reading import Form, Source, read
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Past:
    """What is known before the first generated step.

    Attributes:
        values: Rows in original units, oldest first, `(t, c)`, in float64.
        dates: Date of each row, or None.
    """

    values: np.ndarray
    dates: "pd.DatetimeIndex | None" = None

    def followed(self, spec: DataSpec, steps: int) -> DataSpec:
        """The spec of `steps` steps that go on from here: levels and dates.

        Args:
            spec: Of the training data.
            steps: Steps that are generated.
        """
        known = spec.known_steps
        anchor = tuple(map(tuple, self.values[len(self.values) - known :].tolist()))
        calendar = spec.calendar
        if calendar is not None:
            calendar = None if self.dates is None else self._calendar(calendar)
        return replace(spec, spatial=(steps,), anchor=anchor, calendar=calendar)

    def _calendar(self, known: Calendar) -> Calendar:
        assert self.dates is not None
        return replace(known, last=iso(self.dates[-1:])[0])


def read_past(path: Path, spec: DataSpec, settings: Mapping[str, Any], least: int) -> Past:
    """Read the columns of `spec` from a table, as the training data were read.

    Args:
        path: A CSV or Parquet file with one series.
        spec: Of the training data.
        settings: How those were read: the keys of `data=table`; others are not used.
        least: Rows that are needed.

    Raises:
        UserError: If the file is no table, lacks a column, is refused as the settings say, holds
            fewer rows or several series, or its rows lie further apart than those of training.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file; give a CSV or Parquet file")
    source = read(path, _form(settings))
    content = examine([source], _choice(source, spec, settings), _policy(settings), 1)
    _require_clean(content)
    if len(content.names) != spec.channels:
        raise UserError(f"{path}: columns {', '.join(content.names)}; expected {spec.channels}")
    history = content.histories[0]
    if len(history) < least:
        raise UserError(f"{path}: {len(history)} rows; expected {least} or more")
    _require_near(path, history, spec.calendar)
    return Past(history.values, history.dates)


def _form(settings: Mapping[str, Any]) -> Form:
    known = {field.name for field in fields(Form)}
    return Form(**{key: value for key, value in settings.items() if key in known})


def _policy(settings: Mapping[str, Any]) -> Policy:
    known = {field.name for field in fields(Policy)}
    given = {key: value for key, value in settings.items() if key in known}
    # What never changes in a few rows is no mistake, and neither are two columns that agree.
    return Policy(**{"unsorted": "sort", **given, "constant": "keep", "duplicates": "keep"})


def _choice(source: Source, spec: DataSpec, settings: Mapping[str, Any]) -> Choice:
    dated = spec.calendar.name if spec.calendar else None
    group = settings.get("group")
    return Choice(
        columns=spec.channel_names or None,
        date=dated if dated in source.frame.columns else None,
        date_format=settings.get("date_format"),
        group=group if group in source.frame.columns else None,
    )


def _require_clean(content: Content) -> None:
    if content.refused:
        raise UserError(f"{content.refused[0].message}; correct the file")
    names = [history.name for history in content.histories]
    if len(names) != 1:
        raise UserError(f"{len(names)} series: {'; '.join(names[:3])}; give a file with one")


def _require_near(path: Path, history: History, calendar: Calendar | None) -> None:
    if calendar is None or history.dates is None or goes_with(history.dates, calendar.step):
        return
    raise UserError(
        f"{path}: {len(history)} rows from {iso(history.dates[:1])[0]} to "
        f"{iso(history.dates[-1:])[0]} are not as far apart as those of the training data "
        f"(one step is {calendar.step!r}); give rows of that distance"
    )
