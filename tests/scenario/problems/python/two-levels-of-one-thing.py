# Three and fourteen days of warning at once.
import flanksim as fs
from flanksim.investment.levers import apply_levers

scenario = fs.loads("""
flanksim: 1
name: warned
extends: corridor-mini
levers:
  warning_3: {name: Three days, family: warning, settings: question.warning_days=3}
  warning_14: {name: Fourteen days, family: warning, settings: question.warning_days=14}
""")
apply_levers(scenario, ["warning_3", "warning_14"])
