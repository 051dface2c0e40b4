"""What happened: the recorded move beside which a scenario stands, with its source."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from flanksim.scenario.quantities import Confidence, Frozen, contradiction, measured

#: Times that are compared; `flanksim.validation.metrics` says from when to when each is taken.
TIMES = (
    "closing", "arriving", "moving", "outloading", "clearing", "loading", "at_sea", "port_to_port", "discharging",
    "on_the_way", "under_way",
)  # fmt: skip
MetricName = Literal[
    "closing", "arriving", "moving", "outloading", "clearing", "loading", "at_sea", "port_to_port", "discharging",
    "on_the_way", "under_way",
    "serials", "pieces_a_serial", "pieces_a_day", "serials_a_day",
]  # fmt: skip
By = Literal["sea", "rail", "air", "road", "waterway"]
#: Hours in each unit of time.
HOURS_IN = {"hours": 1.0, "days": 24.0}
Amount = Annotated[float, measured("that of its metric", gt=0, le=1e9)]
Weight = Annotated[int, measured("rank", ge=1, le=3)]


class Observed(Frozen):
    """One recorded number, as the range that the record leaves open."""

    metric: MetricName = Field(description="What was recorded, and is measured on each run.")
    by: By | None = Field(None, description="Of the serials that move by this mode; empty: of all.")
    at: str = Field("", description="At this node; empty: at any.")
    unit: str = Field(description="Unit: hours or days of a time; of a number what is counted, such as ships.")
    low: Amount = Field(description="Lowest value that agrees with the record.")
    high: Amount = Field(description="Highest value that agrees with it.")

    @model_validator(mode="after")
    def _agrees(self) -> Observed:
        """A range with a low end, in a unit of the metric."""
        if self.high < self.low:
            raise contradiction(f"low {self.low:g} is above high {self.high:g}", "low", "high")
        if self.metric in TIMES and self.unit not in HOURS_IN:
            message = f"{self.metric} is a time, and '{self.unit}' is no unit of time"
            raise contradiction(message, "unit", remedy="write hours or days")
        return self


class Milestone(Frozen):
    """Something that happened on a day."""

    what: str = Field(description="What happened.")
    date: datetime.date = Field(description="On which day.")


class Recorded(Frozen):
    """A move that took place, and the one number of it that is compared."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=40)] = Field(
        description="Id of the case."
    )
    title: str = Field(description="What moved, and when.")
    source: str = Field(description="Where that is written.")
    tag: Literal["L", "R", "D", "A"] = Field(
        description="How the number is known: looked up, recalled, derived from these, or assumed."
    )
    confidence: Confidence = Field(description="That the number is right and usable: high, medium or low.")
    weight: Weight = Field(2, description="Good data 3, usable 2, weak 1.")
    role: Literal["calibrated", "predicted"] = Field(
        "predicted", description="Whether numbers were set by this case, or all stood before."
    )
    informs: tuple[str, ...] = Field(
        (), description="Shipped parameters that were derived from this record, among others."
    )
    observed: Observed = Field(description="What was recorded.")
    milestones: tuple[Milestone, ...] = Field((), description="Recorded dates, shown beside the result.")
    why: str = Field("", description="Why the simulation misses, where it does.")
