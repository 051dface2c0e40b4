# A date object where a number belongs.
import datetime

import flanksim as fs

fs.load("corridor-mini", {"question": {"deadline_days": datetime.timedelta(days=20)}})
