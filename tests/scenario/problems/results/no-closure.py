# Nothing is closed within so few days.
import flanksim as fs

days = "{horizon_days: 3, deadline_days: 1, tier_1_deadline_days: 1}"
scenario = fs.loads(f"{{flanksim: 1, name: short, extends: corridor-mini, question: {days}}}")
fs.run(scenario, 1, jobs=1, results="results", bounds=False).explain("logistics")
