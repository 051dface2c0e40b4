"""Words of the page that follow from the scenario: limits with their effect, and the STRESS-DES sheet."""

from __future__ import annotations

from typing import Any

from flanksim.scenario.schema import Scenario


def limits(scenario: Scenario) -> list[list[str]]:
    """What the model does not know, and what that could change."""
    found = [
        [
            "Most capacities are class defaults",
            "The true bottleneck may be elsewhere; with twice the rail paths the continental part would close sooner.",
        ],
        [
            "The order of battle and its homes are notional",
            "Fewer units from overseas would bring the last day forward by weeks; more would push it back.",
        ],
        [
            "Sealift: number of ships, their readiness, and the ports that they share",
            "Where units come from overseas the last day depends on it: a fleet more or less can change the answer.",
        ],
        [
            "The strategy that chooses ways is a rule, not an optimum",
            "The gap to the bound is partly planning: where the bound meets the deadline, a better plan could too.",
        ],
        [
            "Permissions have one lead time for all states",
            "One slow state on the way of many would delay them all; one fast corridor could carry them.",
        ],
        ["Units do not suffer if their supply is late", "Closure says nothing of how long a closed force can stay."],
        [
            "No adversary, no attack, no deliberate disruption",
            "By intention: only civil, generic outages are in the data. Results hold for an undisturbed deployment.",
        ],
        [
            "No public data can validate 300,000 troops in 30 days",
            "Use the answer to compare alternatives; an absolute day is an indication of size.",
        ],
    ]
    if not scenario.mechanisms.outages:
        found.append(["Outages are off", "With strikes, storms and accidents closure is later and less certain."])
    return found


def sheet(scenario: Scenario, manifest: dict[str, Any]) -> list[list[str]]:
    """The reporting sheet for discrete-event simulations (STRESS-DES, Monks and others 2019), from the scenario."""
    on = ", ".join(name.replace("_", " ") for name, value in scenario.mechanisms if value)
    question = scenario.question
    components = (
        f"{len(scenario.nodes)} places, {len(scenario.links)} links, {len(scenario.facilities)} facilities, "
        f"{len(scenario.fleets)} fleets, {len(scenario.travelling_units)} units"
    )
    software = ", ".join(f"{name} {number}" for name, number in manifest.get("versions", {}).items())
    return [
        ["1.1 Purpose", f"when {scenario.troops_required:,} troops are closed; deadline C+{question.deadline_days:g}"],
        ["1.2 Outputs", "closure day, probability of closing in time, share closed in time; by regional plan and tier"],
        ["1.3 Aims", "compare alternatives; not to forecast a date"],
        [
            "2.1 Base logic",
            "serials walk programs fixed before the run over gates, facilities and lift that comes back",
        ],
        ["2.2 Mechanisms on", on],
        ["2.3 Components", components],
        ["3.1 Data", f"{len(scenario.sources)} sources below; every row has a basis and a confidence"],
        ["3.2 Input distributions", "triangular between low, typical and high; exponential where stated"],
        ["4.1 Initialisation", "empty network on C-day 00:00; terminating, no warm-up"],
        ["4.2 Run length", f"to C+{question.horizon_days:g} at most; runs not closed by then count as failures"],
        ["4.3 Replications", f"{manifest.get('replications', 'see table')}, independent; common random numbers"],
        ["5.1 Software", software],
        ["5.2 Random numbers", f"Philox, keyed by purpose and thing; root seed {manifest.get('seed', '')}"],
        ["6 Access", "open source, Apache-2.0; tables and scenario in the results folder"],
    ]
