"""Random deployments over the sea: several pools of ships that come back, ports, coasts, and ways around them."""

from __future__ import annotations

from random import Random

#: Places of two far coasts, and one more near the second.
_PORTS = {"w1": (40.0, -74.0), "w2": (36.9, -76.3), "w3": (30.0, -94.0), "e1": (51.9, 4.3), "e2": (54.4, 18.6)}


def sea_text(random: Random) -> str:
    """Homes behind western and eastern ports, two assembly areas, and what may take loads off ships or hold them."""
    links, facilities = [], []
    for port in ("w1", "w2", "w3"):
        links.append(
            f"  r{port}: {{from_node: post, to_node: {port}, mode: rail, travel_hours: {random.randint(5, 70)}}}"
        )
        for other in ("e1", "e2"):
            if random.random() < 0.8 or (port, other) == ("w1", "e1"):
                hours = random.choice([f"{random.uniform(40, 300):.2f}", "{low: 80, typical: 120, high: 200}"])
                draught = random.choice(["", "", ", max_draught_m: 9"])
                links.append(
                    f"  s{port}{other}: {{from_node: {port}, to_node: {other}, mode: sea, travel_hours: {hours}, "
                    f"headway_hours: {random.choice([0, 0, 3])}{draught}}}"
                )
    if random.random() < 0.3:  # nearer than all others, and no way leads on from there
        links.append("  sisle: {from_node: w1, to_node: isle, mode: sea, travel_hours: 20}")
    if random.random() < 0.3:  # and a second sea
        links.append("  see: {from_node: e1, to_node: e2, mode: sea, travel_hours: 30}")
    for port in ("e1", "e2"):
        for goal in ("x", "y"):
            if random.random() < 0.7 or port == "e1":
                for mode in ("rail", "road")[: random.randint(1, 2)]:
                    hours = random.randint(2, 40)
                    links.append(
                        f"  {port}{goal}{mode}: {{from_node: {port}, to_node: {goal}, mode: {mode}, "
                        f"travel_hours: {hours}}}"
                    )
    if random.random() < 0.3:
        links.append("  land: {from_node: post, to_node: x, mode: road, travel_hours: 400}")
    for place in ("post", "x", "y", *_PORTS):
        facilities.append(
            f"  r{place}: {{place: {place}, kind: rail_terminal, servers_typical: {random.randint(1, 4)}}}"
        )
    for port in _PORTS:
        own = random.choice(["", "", ", handling_hours: 30", ", handling_hours: {low: 8, typical: 16, high: 30}"])
        yard = random.choice(["", "", ", storage_typical: 30"]) if port.startswith("e") else ""
        facilities.append(
            f"  b{port}: {{place: {port}, kind: berth, servers_typical: {random.choice([1, 1, 2, 5])}{own}{yard}}}"
        )
    fleets = []
    for number in range(random.randint(1, 3)):
        home = random.choice([*_PORTS, "w1"])
        fleets.append(
            f"  f{number}: {{kind: ship, pool: {random.choice(['p', f'p{number}'])}, carries: wheeled;heavy;cargo, "
            f"count_typical: {random.randint(1, 4)}, capacity: {random.choice([12, 40, 100])}, capacity_unit: lane_m, "
            f"speed_kmh: {random.choice([25, 30, 37])}, home_node: {home}, "
            f"activation_typical: {random.choice([1, 1, 0.8])}, available_typical_day: {random.choice([0, 3, 12])}}}"
        )
    fleets.append(
        "  t: {kind: train, pool: t, carries: wheeled;heavy;cargo, count_typical: 9, capacity: 10, home_node: post}"
    )
    if random.random() < 0.3:
        fleets.append(
            "  a: {kind: aircraft, pool: a, carries: wheeled, count_typical: 1, capacity: 2, home_node: post, "
            "speed_kmh: 700}"
        )
        facilities += [
            "  ap: {place: post, kind: stand, servers_typical: 2}",
            "  ax: {place: x, kind: stand, servers_typical: 2}",
        ]
    units = []
    for number in range(random.randint(1, 4)):
        home = random.choice(["post", "post", "post", "w2", "e1"])
        stock = random.choice(["", "", f", stock_node: {random.choice(['w1', 'e1'])}"])
        modes = random.choice(["", "", ", modes: air;rail;road;sea"])
        units.append(
            f"  u{number}: {{home_node: {home}, assembly_node: {random.choice('xy')}, "
            f"wheeled: {random.randint(1, 60)}, heavy: {random.choice([0, 0, 15])}, "
            f"containers: {random.choice([0, 12])}, ready_day: {random.randint(0, 9)}, "
            f"priority: {random.randint(1, 2)}{stock}{modes}}}"
        )
    nodes = "\n".join(f"  {port}: {{kind: port, lat: {lat}, lon: {lon}}}" for port, (lat, lon) in _PORTS.items())
    return f"""
parameters: {{close_share: {random.choice([1, 0.9])}, lane_m_per_vehicle: {random.choice([1, 2])},
             lane_m_per_heavy_vehicle: 3, lane_m_per_container: 1.5, berth_hours_per_call: {random.choice([0, 5, 20])},
             ship_call_lead_days: {random.choice([0, 6])}, ship_least_fill: {random.choice([0, 0.5])}}}
question: {{horizon_days: 400}}
nodes:
{nodes}
  isle: {{lat: 45.0, lon: -50.0}}
  post: {{lat: 35.0, lon: -90.0}}
  x: {{lat: 52.0, lon: 16.0}}
  y: {{lat: 50.0, lon: 20.0}}
links:
{chr(10).join(links)}
facilities:
{chr(10).join(facilities)}
fleets:
{chr(10).join(fleets)}
units:
{chr(10).join(units)}
"""
