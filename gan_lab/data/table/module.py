"""`data=table`: windows of a user's own series."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.calendar import iso
from gan_lab.data.base import DataModule, Samples, require_at_least
from gan_lab.data.series import Cut, cut, moments
from gan_lab.data.table.cleaning import Policy
from gan_lab.data.table.examine import Choice, examine
from gan_lab.data.table.history import Content, History
from gan_lab.data.table.reading import Form, find, read
from gan_lab.data.table.static import Condition, conditions
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec
from gan_lab.transforms import Composition, Fitted, Transform

log = logging.getLogger(__name__)


class Table(DataModule):
    """Windows `(c, window)` of the columns of numbers in CSV or Parquet files.

    Every file, and every value of the column `group`, is a series of its own; no window crosses
    from one to the next. The last windows of every series are held out, windows that overlap them
    are not used, and the transform is fitted to the training rows alone. Networks see transformed
    values in model range; `to_units` gives the columns back in their own units.

    Problems are found before training: `examine` lists them all, `load` stops at what `policy`
    refuses. Rows are counted from 0.

    Args:
        path: A file, a folder of files, a pattern such as `prices/*.csv`, or a list of them; it
            must be given.
        columns: Names of the columns to use; by default all that hold numbers.
        date: Name of the column of dates; by default one that is called so and holds dates.
        date_format: How dates are written, such as `%d.%m.%Y`; by default found out.
        group: Column whose values name series; by default a file is one series.
        label: Column of names, one a series, that are the classes of its windows.
        static: Columns of numbers, one a series, of about unit variance, that samples can be asked
            for; instead of `label`.
        separator: Between the cells of a CSV file; by default found in its first line.
        decimal: Between whole and broken part of a number in a CSV file.
        header: Whether the first line of a CSV file holds names.
        policy: What to do about missing values and the like, the arguments of `Policy`.
        transform: A transform, or the name of one in `transforms`.
        transforms: Transforms by name.
        window: Steps per window.
        stride: Steps between the beginnings of two windows.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If an argument is missing or out of range.
    """

    def __init__(
        self,
        path: str | Path | Sequence[str | Path] | None = None,
        columns: Sequence[str] | None = None,
        *,
        date: str | None = None,
        date_format: str | None = None,
        group: str | None = None,
        label: str | None = None,
        static: Sequence[str] = (),
        separator: str | None = None,
        decimal: str = ".",
        header: bool = True,
        missing: str = "refuse",
        text: str = "refuse",
        constant: str = "refuse",
        duplicates: str = "keep",
        unsorted: str = "refuse",
        duplicate_dates: str = "refuse",
        irregular: str = "keep",
        short: str = "refuse",
        transform: Transform | str = "none",
        transforms: Mapping[str, Transform] | None = None,
        window: int = 32,
        stride: int = 1,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        if not path:
            raise UserError("data=table needs data.path=FILE, a CSV or Parquet file")
        require_at_least("window", window, 2)
        require_at_least("stride", stride, 1)
        self.path = path
        self.form = Form(separator, decimal, header)
        self.choice = Choice(
            columns=None if columns is None else tuple(columns),
            date=date,
            date_format=date_format,
            group=group,
            condition=Condition(label, tuple(static or ())),
        )
        self.policy = Policy(
            missing=missing,
            text=text,
            constant=constant,
            duplicates=duplicates,
            unsorted=unsorted,
            duplicate_dates=duplicate_dates,
            irregular=irregular,
            short=short,
        )
        self.transform = _chosen(transform, transforms or {"none": Composition(())})
        self.window, self.stride = window, stride

    def examine(self) -> Content:
        """Read, clean, and report everything that was found, refused or not.

        Raises:
            UserError: If a file is no table, or its columns are not what was asked for.
        """
        sources = [read(path, self.form) for path in find(self.path)]
        return examine(sources, self.choice, self.policy, self.window)

    def load(self) -> Samples:
        """Read, clean, transform and cut.

        Raises:
            UserError: If the table is refused, or does not fit the transform.
        """
        content = self.examine()
        content.require_clean()
        for finding in content.findings:
            log.warning("%s: %s", finding.message, finding.action)
        tables = [torch.from_numpy(history.values) for history in content.histories]
        # What a transform loses is known once it is fitted; this one sees every row, to check them.
        lost = self._checked(tables, content)
        where = self._cut(content, lost)
        trained = [t[: n + lost] for t, n in zip(tables, where.trained, strict=True) if n]
        fitted = self._fitted(trained, content)
        windows = [fitted.forward(table) for table in tables]
        first = next(i for i, n in enumerate(where.trained) if n)
        end = where.trained[first] + lost
        seen = torch.cat([w[:n] for w, n in zip(windows, where.trained, strict=True)])
        known = conditions(content.histories, self.choice.condition)
        spec = self._spec(content, fitted, seen)
        spec = replace(spec, classes=known.classes, attributes=known.attributes)
        spec = _continued(spec, content, first, end, lost)
        x = torch.cat(
            [w.unfold(0, self.window, self.stride) for w in windows if len(w) >= self.window]
        )
        scale, offset = (torch.tensor(v).view(1, -1, 1) for v in (spec.scale, spec.offset))
        label = known.of_windows([len(begins) for begins in where.local])
        return Samples(((x - offset) / scale).float().contiguous(), label, spec, where.start)

    def _checked(self, tables: Sequence[Float[Tensor, "_ c"]], content: Content) -> int:
        lost = 0
        for history, table in zip(content.histories, tables, strict=True):
            try:
                lost = self.transform.fit(table, content.names).lost
            except UserError as error:
                raise UserError(
                    f"{history.name}: {error} (rows count from 0, without those that were "
                    "dropped); choose another data.transform, or data.columns"
                ) from error
        return lost

    def _fitted(self, tables: Sequence[Float[Tensor, "_ c"]], content: Content) -> Fitted:
        lengths = [len(table) for table in tables]
        return self.transform.fit(torch.cat(list(tables)), content.names, lengths)

    def _cut(self, content: Content, lost: int) -> Cut:
        lengths = [max(len(history) - lost, 0) for history in content.histories]
        try:
            return cut(
                lengths,
                window=self.window,
                stride=self.stride,
                shares=self.shares,
                late=_late(content.histories),
            )
        except UserError as error:
            raise UserError(f"{content.histories[0].name}: {error}") from error

    def _spec(self, content: Content, fitted: Fitted, seen: Float[Tensor, "t c"]) -> DataSpec:
        mean, std = moments(seen)
        if fitted.scaled:
            mean, std = torch.zeros_like(mean), torch.ones_like(std)
        return DataSpec(
            name=name_of(self.path),
            modality="series",
            channels=len(content.names),
            spatial=(self.window,),
            channel_names=content.names,
            scale=tuple(std.tolist()),
            offset=tuple(mean.tolist()),
            transform=fitted,
            dtypes=content.dtypes,
        )


def _chosen(transform: Transform | str, known: Mapping[str, Transform]) -> Transform:
    if isinstance(transform, Transform):
        return transform
    if transform not in known:
        raise UserError(
            f"data.transform is {transform!r}; expected one of: {', '.join(known)}, "
            "or a node with a _target_"
        )
    return known[transform]


def name_of(path: str | Path | Sequence[str | Path]) -> str:
    """Name of a data set: of its first file, pattern or folder."""
    first = path if isinstance(path, str | Path) else path[0]
    stem = Path(first).expanduser().name.removesuffix(".gz").rpartition(".")[0]
    return stem.strip("*?_-") or Path(first).expanduser().absolute().parent.name or "table"


def _late(histories: Sequence[History]) -> list[int]:
    """Dates of all series together that lie after the end of each one."""
    import pandas as pd

    ends = [h.dates[-1] for h in histories if h.dates is not None and len(h)]
    if len(ends) < len(histories):
        return [0] * len(histories)
    every: pd.DatetimeIndex = pd.DatetimeIndex(
        np.unique(np.concatenate([h.dates.to_numpy() for h in histories if h.dates is not None]))
    )
    return [len(every) - int(every.searchsorted(end, side="right")) for end in ends]


def _continued(spec: DataSpec, content: Content, first: int, end: int, lost: int) -> DataSpec:
    """The spec with the end of the first series that training sees: values and date."""
    history = content.histories[first]
    anchor = tuple(map(tuple, history.values[end - lost : end].tolist()))
    calendar = content.calendar
    if calendar is not None and history.dates is not None:
        calendar = replace(calendar, last=iso(history.dates[end - 1 : end])[0])
    return replace(spec, anchor=anchor, calendar=calendar)
