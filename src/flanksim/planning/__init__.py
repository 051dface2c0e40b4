"""From a Scenario to a Plan: itineraries, lots, serials, programs."""
