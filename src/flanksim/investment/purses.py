"""Who pays what, year by year: purses of countries and funds, and what each leaves unspent and why.

Every payer pays its own part of a project from its own purse, down the list, at most an even instalment a year; nobody
waits for another, and nobody pays for another. Three rules add to that:

* A country has two lines, infrastructure and core; a project says which of them pays, or either. One purse for all
  countries (`spending.purse: pooled`) stands in their place; funds stay apart.
* A group of countries is paid for by its members in proportion to what each can still spend.
* A grant co-pays: it has never paid a larger part of its own share than the others have of theirs.

Projects that are paid side by side share what is short in proportion to what is due. Unspent money is kept up to
`carry_over_years` times the year's budget; the rest lapses.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flanksim.investment.money import Budgets
from flanksim.investment.order import payer_shares
from flanksim.investment.projects import ON_TIME, Works
from flanksim.scenario.schema import Scenario
from flanksim.scenario.spending import Spending

#: The payer that stands for all countries where they have one purse.
POOL = "pool"
#: Lines of a country, and the one of a fund.
LINES = ("infrastructure", "core")
FUND = "fund"
_NOTHING = 1e-12

#: Why money was left at the end of a year.
NO_PROJECT = "no project of the list is its to pay"
ALL_PAID = "all that it pays for is paid"
NOT_YET = "what is left to pay cannot begin yet"
AT_MOST = "one project may take no more of a purse in a year"
OTHERS = "the others have not paid their part"
INSTALMENTS = "works take no more than the instalment of a year"


@dataclass(slots=True)
class PurseYear:
    """One purse in one year, EUR bn: `kept_before` + `given` = `paid` + `kept` + `lapsed`.

    Attributes
    ----------
    payer, line
        Country and its line, a fund, or ``pool`` and its line.
    reason
        Why something was left; empty if nothing was.
    """

    payer: str
    line: str
    year: int
    kept_before: float
    given: float
    paid: float = 0.0
    kept: float = 0.0
    lapsed: float = 0.0
    reason: str = ""

    @property
    def room(self) -> float:
        """What can still be spent this year."""
        return max(0.0, self.kept_before + self.given - self.paid)


@dataclass(slots=True)
class Account:
    """What one project has been paid: by payer as its row names it, and by purse; year to EUR bn."""

    due: Mapping[str, float]
    by_name: dict[str, dict[int, float]] = field(default_factory=dict)
    by_payer: dict[str, dict[int, float]] = field(default_factory=dict)
    left: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> dict[int, float]:
        """EUR bn by year, of all payers."""
        found: dict[int, float] = {}
        for paid in self.by_name.values():
            for year, amount in paid.items():
                found[year] = found.get(year, 0.0) + amount
        return dict(sorted(found.items()))

    def share_paid(self, year: int, paying_years: float) -> float:
        """Part of a year's money that is there, 0 to 1: who has paid all its part already pays no less than its due."""
        whole, found = sum(self.due.values()), 0.0
        for name, due in self.due.items():
            paid = self.by_name[name]
            left = due - sum(amount for when, amount in paid.items() if when < year)
            instalment = min(due / paying_years, left)
            found += due * (min(1.0, paid.get(year, 0.0) / instalment) if instalment > ON_TIME * due else 1.0)
        return found / whole if whole > 0 else 1.0


class Payments:
    """The money of every year, given out down the list."""

    def __init__(
        self,
        scenario: Scenario,
        spending: Spending,
        money: Budgets,
        parts: Sequence[Sequence[str]],
        plans: Mapping[str, Works],
    ) -> None:
        self._scenario, self._spending, self._money, self._plans = scenario, spending, money, plans
        self._pooled = spending.purse == "pooled"
        self._members = {
            name: tuple(ally for ally in members if ally in money.allies)
            for name, members in scenario.country_groups.items()
        }
        self._grants = {key for key, row in scenario.funds.items() if row.kind == "grant"}
        self._purses: dict[tuple[str, str], PurseYear] = {}
        self.years: list[PurseYear] = []
        self.accounts: dict[str, Account] = {}
        for part in parts:
            for key in part:
                due = {name: share * plans[key].left_bn_eur for name, share in self._payers(key).items()}
                self.accounts[key] = Account(due, {name: {} for name in due}, {}, dict(due))
        orders = [order for part in parts for order in self._orders(part)]
        self._named: dict[str, list[str]] = {}
        for key, account in self.accounts.items():
            for name in account.due:
                self._named.setdefault(name, []).append(key)
        self._payees: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for i, year in enumerate(money.years):
            self._open(i, year)
            for name, line, keys in orders:
                wanted = {key: self._due(key, name, year) for key in keys}
                if any(wanted.values()):
                    self._pay(year, wanted, name, self._sources(name, line))
            self._close(year)

    def _payers(self, key: str) -> dict[str, float]:
        """Shares of who pays; countries and groups are one payer where they have one purse."""
        shares = {name: part for name, part in payer_shares(self._scenario.projects[key]).items() if part > 0}
        if not self._pooled:
            return shares
        own = sum(part for name, part in shares.items() if name not in self._scenario.funds)
        found = {name: part for name, part in shares.items() if name in self._scenario.funds}
        return ({POOL: own} if own > 0 else {}) | found

    def _orders(self, part: Sequence[str]) -> list[tuple[str, str, list[str]]]:
        """Who pays for projects that are paid side by side, from which line and for which of them: grants last."""
        found: dict[tuple[bool, str, str], list[str]] = {}
        for key in part:
            for name in self.accounts[key].due:
                found.setdefault((name in self._grants, name, self._scenario.projects[key].purse), []).append(key)
        return [(name, line, keys) for (_, name, line), keys in sorted(found.items())]

    # ---- purses ------------------------------------------------------------------------------

    def _open(self, place: int, year: int) -> None:
        """Add the money of a year to what was kept of the year before."""
        given: dict[tuple[str, str], float] = {}
        for line, table in zip(LINES, (self._money.infrastructure, self._money.core), strict=True):
            amounts = table[place]
            if self._pooled:
                given[POOL, line] = float(amounts.sum())
            else:
                given |= {(ally, line): float(amounts[n]) for n, ally in enumerate(self._money.allies)}
        given |= {(fund, FUND): float(self._money.of_funds[place, n]) for n, fund in enumerate(self._money.funds)}
        self._purses = {
            (payer, line): PurseYear(payer, line, year, self._kept(payer, line), amount)
            for (payer, line), amount in given.items()
        }

    def _kept(self, payer: str, line: str) -> float:
        before = self._purses.get((payer, line))
        return 0.0 if before is None else before.kept

    def _close(self, year: int) -> None:
        for purse in self._purses.values():
            rest = purse.room
            if rest > _NOTHING * max(1.0, purse.given):
                purse.kept = min(rest, self._spending.carry_over_years * purse.given)
                purse.lapsed = rest - purse.kept
                purse.reason = self._why(purse, year)
            self.years.append(purse)

    def _sources(self, name: str, purse: str) -> list[list[PurseYear]]:
        """Purses that pay for `name`, those that pay first before the others; those of a group side by side."""
        if name in self._scenario.funds:
            found = self._purses.get((name, FUND))
            return [] if found is None else [[found]]
        lines = LINES if purse == "either" else (purse,)
        members = self._members.get(name, (name,))
        return [[self._purses[m, line] for m in members if (m, line) in self._purses] for line in lines]

    def _limit(self, purse: PurseYear) -> float:
        """The most that one project gets of a purse this year."""
        return min(purse.room, self._spending.max_project_share * (purse.kept_before + purse.given))

    # ---- payments ----------------------------------------------------------------------------

    def _pay(self, year: int, wanted: Mapping[str, float], name: str, sources: list[list[PurseYear]]) -> None:
        """Let `name` pay what is wanted for each project, or of all the same part if there is not enough."""
        most = math.inf
        if self._spending.max_project_share < 1.0:
            most = sum(self._limit(purse) for purses in sources for purse in purses)
        room = sum(purse.room for purses in sources for purse in purses)
        total = sum(min(due, most) for due in wanted.values())
        if min(total, room) <= _NOTHING:  # what rounding leaves begins no works
            return
        part = min(1.0, room / total)
        for key, due in wanted.items():
            self._draw(year, key, name, min(due, most) * part, sources)

    def _due(self, key: str, name: str, year: int) -> float:
        """What `name` may pay for a project this year: an instalment, what is left; a grant no more than its part."""
        account, plan = self.accounts[key], self._plans[key]
        whole, left = account.due[name], account.left[name]
        if left <= 0.0 or year < math.floor(plan.not_before):
            return 0.0
        due = min(whole / plan.paying_years if plan.paying_years > 0 else whole, left)
        return max(0.0, min(due, self._granted(account, name) - (whole - left)))

    def _granted(self, account: Account, name: str) -> float:
        """What a grant may have paid until now: the part of its share that the others have paid of theirs."""
        if name not in self._grants:
            return math.inf
        own = {other: due for other, due in account.due.items() if other not in self._grants}
        whole = sum(own.values())
        if whole <= _NOTHING:
            return math.inf
        return account.due[name] * (1.0 - sum(account.left[other] for other in own) / whole)

    def _draw(self, year: int, key: str, name: str, amount: float, sources: list[list[PurseYear]]) -> None:
        """Take `amount` out of the purses and write it down."""
        account, rest = self.accounts[key], amount
        for purses in sources:
            rooms = [self._limit(purse) for purse in purses]
            there = sum(rooms)
            if there <= 0.0 or rest <= 0.0:
                continue
            taken = min(rest, there)
            for purse, room in zip(purses, rooms, strict=True):
                part = taken * room / there
                purse.paid += part
                if part > 0.0:
                    paid = account.by_payer.setdefault(purse.payer, {})
                    paid[year] = paid.get(year, 0.0) + part
            rest -= taken
        taken = amount - max(0.0, rest)
        if taken <= 0.0:
            return
        by_year = account.by_name[name]
        by_year[year] = by_year.get(year, 0.0) + taken
        left = account.left[name] - taken
        account.left[name] = 0.0 if left <= ON_TIME * account.due[name] else left

    # ---- what is left ------------------------------------------------------------------------

    def _why(self, purse: PurseYear, year: int) -> str:
        """Why a purse was not spent this year."""
        mine = self._payees.setdefault((purse.payer, purse.line), [])
        if not mine:
            mine += self._paid_from(purse)
        if not mine:
            return NO_PROJECT
        open_ = [(key, name) for key, name in mine if self.accounts[key].left[name] > 0.0]
        if not open_:
            return ALL_PAID
        now = [(key, name) for key, name in open_ if year >= math.floor(self._plans[key].not_before)]
        if not now:
            return NOT_YET
        if self._spending.max_project_share < 1.0 and self._limit(purse) < purse.room:
            return AT_MOST
        if purse.payer in self._grants and all(self._due(key, name, year) <= _NOTHING for key, name in now):
            return OTHERS
        return INSTALMENTS

    def _paid_from(self, purse: PurseYear) -> Iterable[tuple[str, str]]:
        """Projects, and names in their rows, which this purse pays for."""
        groups = [name for name, members in self._members.items() if purse.payer in members]
        for name in (purse.payer, *groups):
            for key in self._named.get(name, ()):
                if purse.line == FUND or self._scenario.projects[key].purse in (purse.line, "either"):
                    yield key, name
