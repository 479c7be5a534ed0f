"""The first days of an event that comes back, by python-dateutil, as a calendar would show them.

Reads a line of JSON for each, with the RRULE, the DTSTART by the wall clock, its zone and how many days are wanted, and answers with
a line of days.
"""

import datetime as dt
import json
import sys
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

for line in sys.stdin:
    event = json.loads(line)
    start = dt.datetime.fromisoformat(event["start"])
    if "T" in event["start"]:
        start = start.replace(tzinfo=ZoneInfo(event["zone"]))
    days = islice(rrulestr(event["rule"], dtstart=start), event["count"])
    print(" ".join(day.date().isoformat() for day in days))
