"""From files to clean series of numbers, with a report on everything that was found."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from gan_lab.calendar import Calendar, step_of
from gan_lab.data.table.cleaning import Policy, clean, drop_columns, drop_short
from gan_lab.data.table.columns import Numbers, numbers
from gan_lab.data.table.dates import find_dates, parse_dates
from gan_lab.data.table.history import Content, History
from gan_lab.data.table.reading import Source, some
from gan_lab.data.table.static import Condition, require_columns, values_of
from gan_lab.errors import UserError


@dataclass(frozen=True)
class Choice:
    """Which columns are what; None finds out.

    Attributes:
        columns: Channels.
        date: Column of dates.
        date_format: How dates are written.
        group: Column whose values name series; None makes every file one series.
        condition: Columns that are one value for a whole series.
    """

    columns: tuple[str, ...] | None = None
    date: str | None = None
    date_format: str | None = None
    group: str | None = None
    condition: Condition = field(default_factory=Condition)


def examine(sources: Sequence[Source], choice: Choice, policy: Policy, least: int) -> Content:
    """Find columns, clean every series, and report everything that was found, refused or not.

    Args:
        sources: The files.
        choice: Which columns are what.
        policy: What to do about problems.
        least: Rows that a series needs.

    Raises:
        UserError: If columns are not what was asked for, or differ between files.
    """
    dated = [find_dates(source, choice.date) for source in sources]
    parsed = [_numbers(s, d, choice, policy) for s, d in zip(sources, dated, strict=True)]
    names = _same_columns(sources, parsed)
    findings = [finding for part in parsed for finding in part.findings]
    raw = [
        history
        for source, column, part in zip(sources, dated, parsed, strict=True)
        for history in _series(source, column, part, choice)
    ]
    missing = ~np.isfinite(np.concatenate([history.values for history in raw]))
    histories = []
    for history in raw:
        cleaned, found = clean(history, policy, names)
        histories.append(cleaned)
        findings += found
    kept, columns = drop_columns(histories, names, policy)
    histories, short = drop_short(histories, policy, least)
    return Content(
        names=tuple(names[c] for c in kept),
        dtypes=tuple(_common([part.dtypes[c] for part in parsed]) for c in kept),
        histories=tuple(replace(h, values=h.values[:, kept]) for h in histories),
        findings=(*findings, *short, *columns),
        calendar=_calendar(dated[0], histories),
        missing=tuple(missing.mean(axis=0)[kept].tolist()) if len(missing) else (),
    )


def _numbers(source: Source, dated: str | None, choice: Choice, policy: Policy) -> Numbers:
    require_columns(source, choice.condition)
    skip = [name for name in (dated, choice.group) if name is not None]
    skip += choice.condition.columns
    return numbers(source, columns=choice.columns, skip=skip, text=policy.text)


def _series(source: Source, dated: str | None, part: Numbers, choice: Choice) -> list[History]:
    dates = None if dated is None else parse_dates(source, dated, choice.date_format)
    rows = np.arange(len(part.values))
    whole = History(source.name, part.values, rows, dates, source.first_line)
    if choice.group is None:
        return [_described(whole, source, choice)]
    if choice.group not in source.frame.columns:
        raise UserError(
            f"{source.path} has no column {choice.group!r} for data.group; "
            f"it has: {some(source.frame.columns)}"
        )
    import pandas as pd

    # In the order in which groups begin; rows without a group, -1, are in none.
    group, names = pd.factorize(source.frame[choice.group])
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(len(names) + 1))
    parts = [order[first:last] for first, last in pairwise(ends)]
    return [
        _described(replace(whole.select(part), name=f"{source.name}, {key}"), source, choice)
        for part, key in zip(parts, names, strict=True)
    ]


def _described(history: History, source: Source, choice: Choice) -> History:
    rows = source.frame.iloc[history.rows]
    return replace(history, static=values_of(rows, choice.condition, history.name))


def _same_columns(sources: Sequence[Source], parsed: Sequence[Numbers]) -> tuple[str, ...]:
    names = parsed[0].names
    for source, part in zip(sources, parsed, strict=True):
        if part.names != names:
            raise UserError(
                f"{source.path} has the columns {some(part.names)}, but {sources[0].path} "
                f"has {some(names)}; choose common ones with data.columns"
            )
    return names


def _common(dtypes: Sequence[str]) -> str:
    return str(np.result_type(*dtypes))


def _calendar(column: str | None, histories: Sequence[History]) -> Calendar | None:
    if column is None or any(h.dates is None or not len(h) for h in histories):
        return None
    steps = {step_of(history.dates) for history in histories if history.dates is not None}
    name = "date" if column.startswith("Unnamed: ") else column
    return Calendar(name, "", steps.pop() if len(steps) == 1 else "")
