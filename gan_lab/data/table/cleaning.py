"""What is wrong with a series, and what the configuration says to do about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gan_lab.calendar import gaps
from gan_lab.data.table.history import REFUSED, Finding, History
from gan_lab.errors import UserError

CHOICES = {
    "missing": ("refuse", "drop", "interpolate"),
    "text": ("refuse", "missing"),
    "constant": ("refuse", "drop", "keep"),
    "duplicates": ("refuse", "drop", "keep"),
    "unsorted": ("refuse", "sort"),
    "duplicate_dates": ("refuse", "first", "last"),
    "irregular": ("refuse", "keep"),
    "short": ("refuse", "drop"),
}


@dataclass(frozen=True)
class Policy:
    """What to do about each problem; `refuse` stops before training and names row and column.

    Attributes:
        missing: Empty cells and infinities: `drop` the row, or `interpolate` on a line between the
            neighbours (rows before the first and after the last value are dropped).
        text: Text in a column of numbers: take it as `missing`.
        constant: Columns that never change: `drop` or `keep` them.
        duplicates: Columns that equal another one: `drop` or `keep` them.
        unsorted: Dates that do not rise: `sort` the rows.
        duplicate_dates: Dates that come twice: keep the `first` or the `last` row.
        irregular: Dates with gaps: `keep` them, as steps of one row.
        short: Series shorter than a window, where there are several: `drop` them.
    """

    missing: str = "refuse"
    text: str = "refuse"
    constant: str = "refuse"
    duplicates: str = "keep"
    unsorted: str = "refuse"
    duplicate_dates: str = "refuse"
    irregular: str = "keep"
    short: str = "refuse"

    def __post_init__(self) -> None:
        """Check the words.

        Raises:
            UserError: If one is unknown.
        """
        for name, allowed in CHOICES.items():
            value = vars(self)[name]
            if value not in allowed:
                raise UserError(f"data.{name} is {value!r}; expected one of: {', '.join(allowed)}")


Check = Callable[[History, Policy, Sequence[str]], tuple[History, Finding | None]]


def clean(history: History, policy: Policy, names: Sequence[str]) -> tuple[History, list[Finding]]:
    """Run all checks of one series; what is refused is left as it is, so that all is found."""
    findings = []
    for check in (_readable_dates, _sorted, _unique, _infinite, _missing, _regular):
        history, finding = check(history, policy, names)
        findings += [] if finding is None else [finding]
    return history, findings


def drop_short(
    histories: Sequence[History], policy: Policy, least: int
) -> tuple[list[History], list[Finding]]:
    """Series with fewer rows than a window needs."""
    short = [history for history in histories if len(history) < least]
    if not short:
        return list(histories), []
    shown = ", ".join(f"{h.name} ({len(h)} rows)" for h in short[:3])
    message = f"{shown}: fewer rows than the {least} that data.window needs"
    drop = policy.short == "drop" and len(short) < len(histories)
    remedy = "use a shorter data.window" + (
        ", or set data.short=drop" if len(short) < len(histories) else ""
    )
    finding = Finding("short", message, "dropped" if drop else REFUSED, remedy, len(short))
    kept = [history for history in histories if len(history) >= least]
    return (kept if drop else list(histories)), [finding]


def drop_columns(
    histories: Sequence[History], names: Sequence[str], policy: Policy
) -> tuple[list[int], list[Finding]]:
    """Numbers of the columns to keep, once constant and duplicate ones are handled."""
    values = np.concatenate([history.values for history in histories])
    dropped: set[int] = set()
    findings = []
    for kind, action, found in (
        ("constant", policy.constant, _constant(values)),
        ("duplicates", policy.duplicates, _duplicate(values)),
    ):
        for column, detail in found:
            if column in dropped:
                continue
            done = {"refuse": REFUSED, "drop": "dropped", "keep": "kept"}[action]
            where = histories[0].name if len(histories) == 1 else f"{len(histories)} series"
            message = f"{where}: column {names[column]} {detail.format(*names)}"
            remedy = f"set data.{kind}=drop to leave it out, or data.{kind}=keep"
            findings.append(Finding(kind, message, done, remedy, column=names[column]))
            dropped |= {column} if action == "drop" else set()
    return [c for c in range(len(names)) if c not in dropped], findings


def _readable_dates(
    history: History, policy: Policy, names: Sequence[str]
) -> tuple[History, Finding | None]:
    if history.dates is None or not history.dates.isna().any():
        return history, None
    bad = np.asarray(history.dates.isna())
    first = int(bad.argmax())
    message = f"{history.name}: {history.place(first)} has no date; such rows: {int(bad.sum())}"
    drop = policy.missing == "drop"
    remedy = "correct it, or set data.missing=drop to drop such rows"
    finding = Finding("date", message, "dropped" if drop else REFUSED, remedy, int(bad.sum()))
    # Without its date a row has no place, so that the other checks go on without it.
    return history.select(~bad), finding


def _sorted(
    history: History, policy: Policy, names: Sequence[str]
) -> tuple[History, Finding | None]:
    if history.dates is None or history.dates.is_monotonic_increasing:
        return history, None
    steps = np.diff(history.dates.to_numpy())
    first = int((steps < np.timedelta64(0)).argmax()) + 1
    falling = history.dates.is_monotonic_decreasing
    message = (
        f"{history.name}: newest row first"
        if falling
        else f"{history.name}: {history.place(first)} comes after a later date"
    )
    sort = policy.unsorted == "sort"
    finding = Finding(
        "unsorted",
        message,
        "sorted" if sort else REFUSED,
        "sort the file, or set data.unsorted=sort",
    )
    # The checks after this one need order; a refused table is not trained on anyway.
    return history.select(np.argsort(history.dates.to_numpy(), kind="stable")), finding


def _unique(
    history: History, policy: Policy, names: Sequence[str]
) -> tuple[History, Finding | None]:
    if history.dates is None or history.dates.is_unique:
        return history, None
    keep = policy.duplicate_dates
    twice = np.asarray(history.dates.duplicated())
    first = int(twice.argmax())
    message = (
        f"{history.name}: {history.place(first)} has the date of {history.place(first - 1)}; "
        f"such rows: {int(twice.sum())}"
    )
    finding = Finding(
        "duplicate date",
        message,
        REFUSED if keep == "refuse" else f"kept the {keep}",
        "set data.duplicate_dates=first or last, or data.group=COLUMN if the file holds several "
        "series",
        int(twice.sum()),
    )
    again = history.dates.duplicated(keep="last") if keep == "last" else twice
    return history.select(~np.asarray(again)), finding


def _infinite(
    history: History, policy: Policy, names: Sequence[str]
) -> tuple[History, Finding | None]:
    bad = np.isinf(history.values)
    if not bad.any():
        return history, None
    finding = _cells(history, bad, "infinite", policy, names)
    return replace(history, values=np.where(bad, np.nan, history.values)), finding


def _missing(
    history: History, policy: Policy, names: Sequence[str]
) -> tuple[History, Finding | None]:
    bad = np.isnan(history.values)
    if not bad.any():
        return history, None
    finding = _cells(history, bad, "missing", policy, names)
    if policy.missing == "drop":
        return history.select(~bad.any(axis=1)), finding
    return (interpolated(history) if policy.missing == "interpolate" else history), finding


def interpolated(history: History) -> History:
    """Missing values on lines between their neighbours; rows without both are dropped."""
    values = history.values.copy()
    steps = np.arange(len(values))
    inside = np.ones(len(values), dtype=bool)
    for column in values.T:
        known = np.flatnonzero(~np.isnan(column))
        if not len(known):
            return history.select(np.zeros(len(values), dtype=bool))
        column[:] = np.interp(steps, known, column[known])
        inside &= (steps >= known[0]) & (steps <= known[-1])
    return replace(history, values=values).select(inside)


def _cells(
    history: History, bad: np.ndarray, kind: str, policy: Policy, names: Sequence[str]
) -> Finding:
    row, column = (int(i[0]) for i in np.nonzero(bad))
    done = {"refuse": REFUSED, "drop": "rows dropped", "interpolate": "interpolated"}
    return Finding(
        kind,
        f"{history.name}: column {names[column]}, {history.place(row)} is {kind}; "
        f"such values: {int(bad.sum())}, in {int(bad.any(axis=1).sum())} of {len(bad)} rows",
        done[policy.missing],
        "set data.missing=drop or interpolate, or choose data.columns",
        int(bad.sum()),
        names[column],
    )


def _regular(
    history: History, policy: Policy, names: Sequence[str]
) -> tuple[History, Finding | None]:
    late = [] if history.dates is None else gaps(history.dates)
    if not len(late):
        return history, None
    keep = policy.irregular == "keep"
    message = f"{history.name}: {history.place(late[0])} comes after a gap; such rows: {len(late)}"
    remedy = "fill the gaps, or set data.irregular=keep to count rows as steps"
    finding = Finding("irregular", message, "kept" if keep else REFUSED, remedy, len(late))
    return history, finding


def _constant(values: np.ndarray) -> list[tuple[int, str]]:
    found = []
    for c, column in enumerate(values.T):
        known = column[~np.isnan(column)]
        if len(known) and known.min() == known.max():
            found.append((c, f"is {known[0]:g} in every row"))
    return found


def _duplicate(values: np.ndarray) -> list[tuple[int, str]]:
    seen: dict[bytes, int] = {}
    found = []
    for c, column in enumerate(values.T):
        first = seen.setdefault(np.ascontiguousarray(column).tobytes(), c)
        if first != c:
            found.append((c, f"equals column {{{first}}}"))
    return found
