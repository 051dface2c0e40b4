"""The kinds of movement, a row each: what a serial and its lift do in them, what they are blamed on, and their words.

Every table of the ledgers, the critical path, the terminal and the page reads its words from here. What is named after
a thing of the plan (a link, a port, a fleet) is a `Cause`: kind and name apart, and `str` of it is how it is saved.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Literal, NamedTuple


class Kind(IntEnum):
    """What a movement row records."""

    READY = 0
    PERMISSION = 1
    LIFT = 2
    LOAD = 3
    TRAVEL = 4
    UNLOAD = 5
    STORAGE = 6
    BORDER = 7
    GAUGE_CHANGE = 8
    REST = 9
    EMPTY_RUN = 10
    INTEGRATION = 11
    SERVICE = 12
    CLOSED_HOURS = 13
    BREAKDOWN = 14
    OUTAGE = 15
    BERTH = 16
    PACE = 17
    DRAW = 18
    SHIP_LOAD = 19


class State(IntEnum):
    """What a serial is doing, or waiting for."""

    NOT_READY = 0
    PERMISSION = 1
    HELD = 2
    LIFT = 3
    LIFT_COMING = 4
    LOADING = 5
    UNLOADING = 6
    GATE = 7
    MOVING = 8
    FULL_YARD = 9
    BORDER = 10
    GAUGE_CHANGE = 11
    PORT_EXIT = 12
    REST = 13
    BREAKDOWN = 14
    OUTAGE = 15
    CLOSED_HOURS = 16
    SHIP_LOAD = 17
    MARRY_UP = 18
    INTEGRATION = 19
    PASSED_ON = 20
    PACE = 21
    DRAW = 22


class Use(IntEnum):
    """What a lift asset is doing. Hours in which a gate or desk is shut belong to the wait or work that they stop."""

    #: does not turn up
    ABSENT = 0
    NOT_YET_AVAILABLE = 1
    IDLE = 2
    #: empty, from where it stood to the load
    COMING = 3
    #: at the ramp, berth or stand; a train that takes over at a change of gauge is loaded there
    LOADING = 4
    #: with a load, for a gate, berth, ramp, border, yard, or the train that takes over
    WAITING_LOADED = 5
    MOVING_LOADED = 6
    #: border, unloading, change of gauge (of the train that gives its load), port exit
    HANDLING = 7
    #: back to where it was loaded
    EMPTY_RUN = 8
    #: without a load, for a gate, for its turn to load, or for the rest of its column
    WAITING_EMPTY = 9
    #: crews' hours, on a march or after the way back
    REST = 10
    #: waits for a fitter and is repaired, or stands by the road
    BROKEN = 11

    @property
    def word(self) -> str:
        """The use in words."""
        return self.name.lower().replace("_", " ")


class Why(StrEnum):
    """Kinds of causes; each begins the text of those of its kind. The ledger has words of its own for two of a path."""

    NOT_READY = "not ready"
    PERMISSION = "permission"
    AWAITING_PERMISSION = "waiting for permission"
    SCHEDULE = "schedule"
    HELD = "held by its release interval"
    LIFT = "lift"
    WORKSHOP = "workshop of"
    QUEUE = "queue at"
    FULL_YARD = "full yard"
    CLOSED = "closed"
    CLOSED_HOURS = "closed hours"
    OUTAGE = "outage"
    MOVING = "moving by"
    EMPTY_RUN = "empty run"
    LOADING = "loading"
    UNLOADING = "unloading"
    BORDER = "border"
    GAUGE_CHANGE = "gauge change"
    PORT_EXIT = "port exit"
    PACE = "daily pace"
    DRAW = "draw of stock"
    BERTH = "berth"
    REST = "rest"
    BREAKDOWN = "breakdown"
    INTEGRATION = "integration"
    MARRY_UP = "marry-up"
    SHIP_LOAD = "waiting for the rest of a ship-load"
    PASSED_ON = "passed on"


class Cause(NamedTuple):
    """What time is blamed on.

    Attributes
    ----------
    thing
        Name of the link, facility, pool or outage in the plan, or the mode by which something moves; "" without.
    partner
        Unit and element of the serial that was waited for; "" without.

    Examples
    --------
    >>> Cause.of("queue at berth:P_BPT")
    Cause(kind=<Why.QUEUE: 'queue at'>, thing='berth:P_BPT', partner='')
    >>> str(Cause(Why.MARRY_UP, partner="USA-1 heavy"))
    'marry-up with USA-1 heavy'
    """

    kind: Why
    thing: str = ""
    partner: str = ""

    def __str__(self) -> str:
        """Text in saved tables and JSON."""
        with_whom = f" with {self.partner}" if self.partner else ""
        return f"{self.kind} {self.thing}".rstrip() + with_whom

    @classmethod
    def of(cls, text: str) -> Cause:
        """The cause that was saved as `text`.

        Raises
        ------
        ValueError
            If no cause is written like that.
        """
        kind = max((kind for kind in Why if f"{text} ".startswith(f"{kind} ")), key=len, default=None)
        if kind is None:
            raise ValueError(f"'{text}' is no cause")
        rest = text.removeprefix(kind).strip()
        if rest.startswith("with "):
            return cls(kind, partner=rest.removeprefix("with "))
        return cls(kind, rest)


class Activity(NamedTuple):
    """One kind of movement.

    Attributes
    ----------
    word
        What happens in it.
    resources
        The list of the plan in which the row's ``resource`` counts.
    cause, queue
        What working is blamed on, and waiting.
    waiting, working
        States of the serial.
    lift
        Uses of the lift that carries it while it waits and while it works.
    """

    word: str
    resources: Literal["gates", "servers", "stores", "pools", "outages"]
    cause: Why
    queue: Why
    waiting: State
    working: State
    lift: tuple[Use, Use] = (Use.WAITING_LOADED, Use.HANDLING)


_AWAY = (Use.WAITING_LOADED, Use.WAITING_LOADED)
ACTIVITIES: dict[Kind, Activity] = {
    Kind.READY: Activity("not ready", "servers", Why.NOT_READY, Why.NOT_READY, State.GATE, State.NOT_READY),
    Kind.PERMISSION: Activity("permission", "servers", Why.PERMISSION, Why.PERMISSION, State.GATE, State.PERMISSION),
    # with a load it waits for the train beyond a change of gauge
    Kind.LIFT: Activity("lift on its way", "pools", Why.LIFT, Why.LIFT, State.LIFT, State.LIFT_COMING, _AWAY),
    Kind.LOAD: Activity(
        "loading", "servers", Why.LOADING, Why.QUEUE, State.GATE, State.LOADING, (Use.WAITING_EMPTY, Use.LOADING)
    ),
    Kind.TRAVEL: Activity(
        "travel", "gates", Why.MOVING, Why.QUEUE, State.GATE, State.MOVING, (Use.WAITING_LOADED, Use.MOVING_LOADED)
    ),
    Kind.UNLOAD: Activity("unloading", "servers", Why.UNLOADING, Why.QUEUE, State.GATE, State.UNLOADING),
    Kind.STORAGE: Activity(
        "full yard", "stores", Why.FULL_YARD, Why.FULL_YARD, State.FULL_YARD, State.FULL_YARD, _AWAY
    ),
    Kind.BORDER: Activity("border", "servers", Why.BORDER, Why.QUEUE, State.GATE, State.BORDER),
    Kind.GAUGE_CHANGE: Activity("gauge change", "servers", Why.GAUGE_CHANGE, Why.QUEUE, State.GATE, State.GAUGE_CHANGE),
    Kind.REST: Activity("rest", "servers", Why.REST, Why.QUEUE, State.GATE, State.REST, (Use.REST, Use.REST)),
    Kind.EMPTY_RUN: Activity(
        "empty run", "gates", Why.EMPTY_RUN, Why.QUEUE, State.GATE, State.MOVING, (Use.WAITING_EMPTY, Use.EMPTY_RUN)
    ),
    Kind.INTEGRATION: Activity("integration", "servers", Why.INTEGRATION, Why.QUEUE, State.GATE, State.INTEGRATION),
    Kind.SERVICE: Activity("port exit", "servers", Why.PORT_EXIT, Why.QUEUE, State.GATE, State.PORT_EXIT),
    Kind.CLOSED_HOURS: Activity("closed", "servers", Why.CLOSED, Why.QUEUE, State.GATE, State.CLOSED_HOURS, _AWAY),
    Kind.BREAKDOWN: Activity(
        "breakdown", "pools", Why.BREAKDOWN, Why.WORKSHOP, State.GATE, State.BREAKDOWN, (Use.BROKEN, Use.BROKEN)
    ),
    Kind.OUTAGE: Activity("outage", "outages", Why.OUTAGE, Why.OUTAGE, State.GATE, State.OUTAGE),
    Kind.PACE: Activity("daily pace", "servers", Why.PACE, Why.QUEUE, State.GATE, State.PACE),
    Kind.DRAW: Activity("draw of stock", "servers", Why.DRAW, Why.DRAW, State.DRAW, State.DRAW),
    # a ship that was called forward, off its berth
    Kind.SHIP_LOAD: Activity(
        "waiting for its load",
        "servers",
        Why.SHIP_LOAD,
        Why.SHIP_LOAD,
        State.SHIP_LOAD,
        State.SHIP_LOAD,
        (Use.WAITING_EMPTY, Use.WAITING_EMPTY),
    ),
    Kind.BERTH: Activity("berth", "servers", Why.BERTH, Why.QUEUE, State.GATE, State.GATE, _AWAY),
}


class _InState(NamedTuple):
    """A state: its word in the ledger, what happens in it on a critical path, and what it is blamed on."""

    word: str
    step: str
    cause: Why


STATES: dict[State, _InState] = {
    State.NOT_READY: _InState("not ready", "not ready", Why.NOT_READY),
    State.PERMISSION: _InState("waiting for permission", "permission", Why.AWAITING_PERMISSION),
    State.HELD: _InState("held by its release interval", "later serial", Why.HELD),
    State.LIFT: _InState("waiting for lift", "waiting for lift", Why.LIFT),
    State.LIFT_COMING: _InState("lift on its way", "lift on its way", Why.LIFT),
    State.LOADING: _InState("loading", "loading", Why.LOADING),
    State.UNLOADING: _InState("unloading", "unloading", Why.UNLOADING),
    State.GATE: _InState("queue", "queue", Why.QUEUE),
    State.MOVING: _InState("moving", "travel", Why.MOVING),
    State.FULL_YARD: _InState("blocked by a full yard", "full yard", Why.FULL_YARD),
    State.BORDER: _InState("border", "border", Why.BORDER),
    State.GAUGE_CHANGE: _InState("gauge change", "gauge change", Why.GAUGE_CHANGE),
    State.PORT_EXIT: _InState("port exit", "port exit", Why.PORT_EXIT),
    State.PACE: _InState("waiting for its day", "daily pace", Why.PACE),
    State.DRAW: _InState("drawn from stock", "draw of stock", Why.DRAW),
    State.REST: _InState("rest", "rest", Why.REST),
    State.BREAKDOWN: _InState("breakdown", "breakdown", Why.BREAKDOWN),
    State.OUTAGE: _InState("outage", "outage", Why.OUTAGE),
    State.CLOSED_HOURS: _InState("closed hours", "closed", Why.CLOSED_HOURS),
    State.SHIP_LOAD: _InState("waiting for the rest of a ship-load", "ship-load", Why.SHIP_LOAD),
    State.MARRY_UP: _InState("marry-up", "marry-up", Why.MARRY_UP),
    State.INTEGRATION: _InState("integration", "integration", Why.INTEGRATION),
    State.PASSED_ON: _InState("passed on", "passed on", Why.PASSED_ON),
}


class _Blamed(NamedTuple):
    """A kind of cause: its family on the page, the group in whose colour it is drawn, and the page's words for it.

    ``{}`` in the words stands for the thing.
    """

    family: str
    drawn: str
    told: str


_SHUT = "rest, breakdown, shut"
CAUSES: dict[Why, _Blamed] = {
    Why.NOT_READY: _Blamed("ready", "not ready", "getting ready"),
    Why.PERMISSION: _Blamed("ready", "permission", "waiting for permission to cross borders"),
    Why.AWAITING_PERMISSION: _Blamed("ready", "permission", "waiting for permission to cross borders"),
    Why.SCHEDULE: _Blamed("ready", "not ready", "waiting for its turn in the plan"),
    Why.HELD: _Blamed("ready", "not ready", "waiting for its turn in the plan"),
    Why.LIFT: _Blamed("lift", "waiting for lift", "waiting for {}"),
    Why.WORKSHOP: _Blamed("lift", _SHUT, "repair of {}"),
    Why.QUEUE: _Blamed("queue", "queue, full yard", "queue at {}"),
    Why.FULL_YARD: _Blamed("queue", "queue, full yard", "full yard at {}"),
    Why.CLOSED: _Blamed("queue", _SHUT, "outside opening hours"),
    Why.CLOSED_HOURS: _Blamed("queue", _SHUT, "outside opening hours"),
    Why.OUTAGE: _Blamed("queue", _SHUT, "outage of {}"),
    Why.MOVING: _Blamed("moving", "moving", "{}"),
    Why.EMPTY_RUN: _Blamed("moving", "moving", "empty run"),
    Why.LOADING: _Blamed("handling", "handling", "loading"),
    Why.UNLOADING: _Blamed("handling", "handling", "unloading"),
    Why.BORDER: _Blamed("handling", "handling", "border control"),
    Why.GAUGE_CHANGE: _Blamed("handling", "handling", "change of track gauge"),
    Why.PORT_EXIT: _Blamed("handling", "handling", "leaving the port"),
    Why.PACE: _Blamed("queue", "queue, full yard", "so much leaves the place a day"),
    Why.DRAW: _Blamed("handling", "handling", "draw of pre-positioned stock"),
    Why.BERTH: _Blamed("handling", "queue, full yard", "berth"),
    Why.REST: _Blamed("handling", _SHUT, "rest of crews and drivers"),
    Why.BREAKDOWN: _Blamed("handling", _SHUT, "repair"),
    Why.INTEGRATION: _Blamed("joining", "integration", "joining up at the assembly area"),
    Why.MARRY_UP: _Blamed("joining", "marry-up", "waiting for the rest of the unit"),
    Why.SHIP_LOAD: _Blamed("joining", "waiting for lift", "waiting for the rest of a ship-load"),
    Why.PASSED_ON: _Blamed("other", "", "passed on"),
}
#: What happens in a piece of a critical path, where the page has other words for it.
STEPS = {
    "not ready": "getting ready",
    "permission": "waiting for permission",
    "lift on its way": "lift comes to the load",
    "travel": "under way",
    "empty run": "back empty for the next load",
    "queue": "in line",
    "queue behind supply": "in line behind supply",
    "border": "border control",
    "integration": "joining up",
    "closed": "outside opening hours",
    "port exit": "leaving the port",
}
