"""What the next due date is, by python-dateutil and zoneinfo: a second implementation for the test beside it.

Reads a completion a line, as JSON, and answers each with a line: the due date, "end", or "never" for a rule that is refused.

dateutil is right about the days of a rule but for three things, which are seen to here: a month that lacks the day of a bare rule,
BYSETPOS in the first week, and COUNT where the rule does not name the start. Its days alone are used; times are added here.
"""

import datetime as dt
import json
import sys
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

WEEK = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
DAY = dt.timedelta(days=1)
MIDNIGHT = dt.time()


def ten_years_after(day):
    try:
        return day.replace(year=day.year + 10)
    except ValueError:  # 29 February
        return dt.date(day.year + 10, 3, 1)


def days_after(parts, start, last):
    """The days of the rule that lie after its start, up to a last one."""
    parts = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    begin = start
    if not any(name.startswith("BY") for name in parts) and start.day > 28:
        days = ",".join(str(day) for day in range(28, start.day + 1))
        if parts["FREQ"] == "MONTHLY":
            parts |= {"BYMONTHDAY": days, "BYSETPOS": "-1"}
        elif parts["FREQ"] == "YEARLY" and start.month == 2:
            parts |= {"BYMONTH": "2", "BYMONTHDAY": days, "BYSETPOS": "-1"}
    if parts["FREQ"] == "WEEKLY" and "BYSETPOS" in parts:
        begin = start - DAY * ((start.weekday() - WEEK.index(parts.get("WKST", "MO"))) % 7)
    parts["UNTIL"] = last.strftime("%Y%m%d")
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    for time in rrulestr(text, dtstart=dt.datetime.combine(begin, MIDNIGHT)):
        if time.date() > start:
            yield time.date()


def read(text, zone):
    """A moment as its wall clock in the zone, and whether it has a time of day."""
    if "T" not in text:
        return dt.datetime.fromisoformat(text), False
    wall = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if wall.tzinfo:
        wall = wall.astimezone(zone).replace(tzinfo=None, fold=0)
    return wall, True


def instant(wall, zone):
    return wall.replace(tzinfo=zone, fold=0).astimezone(dt.timezone.utc)


def write(day, clock, due, zone):
    if "T" not in due:
        return day.isoformat()
    wall = dt.datetime.combine(day, clock)
    seconds = "minutes" if len(due.rstrip("Z").split("T")[1].split("+")[0].split("-")[0]) == 5 else "seconds"
    if due.endswith("Z"):
        return instant(wall, zone).replace(tzinfo=None).isoformat(timespec=seconds) + "Z"
    if due[16:].strip(":0123456789"):
        return instant(wall, zone).astimezone(zone).isoformat(timespec=seconds)
    return wall.isoformat(timespec=seconds)


def lasts(parts, number, day, clock, timed, zone):
    if "COUNT" in parts:
        return number <= int(parts["COUNT"])
    until = parts.get("UNTIL")
    if not until:
        return True
    end = dt.datetime.strptime(until.rstrip("Z"), "%Y%m%dT%H%M%S" if "T" in until else "%Y%m%d")
    if "T" not in until:
        return day <= end.date()
    end = end.replace(tzinfo=dt.timezone.utc) if until.endswith("Z") else instant(end, zone)
    return instant(dt.datetime.combine(day, clock if timed else MIDNIGHT), zone) <= end


def answer(c):
    zone = ZoneInfo(c["zone"])
    parts = dict(part.split("=") for part in c["rule"].split(";"))
    now = dt.datetime.fromisoformat(c["now"].replace("Z", "+00:00"))
    today = now.astimezone(zone).date()
    start, start_timed = read(c["start"], zone)
    stands_for = dt.date.fromisoformat(c["standsFor"])
    if not next(days_after(parts, start.date(), ten_years_after(start.date())), None):
        return "never"

    due_text = c["due"] or "2000-01-01"
    due, timed = read(due_text, zone)
    clock = (start if start_timed else due).time()
    names = "BYDAY" in parts or "BYMONTHDAY" in parts
    begin = start.date()
    floors = [today, stands_for]
    if c["due"]:
        floors.append(due.date())
    if c["completion"]:
        begin = today
        if not names:
            floors = [today]
    counts_due = c["due"] and not (c["completion"] and not names)
    for number, day in enumerate(days_after(parts, begin, ten_years_after(max(floors))), 2):
        if c["completion"] and not names:
            past = False
        else:
            past = day <= stands_for
        if timed:
            at = instant(dt.datetime.combine(day, clock), zone)
            past = past or at <= now
            if counts_due:
                exact = due_text.endswith("Z") or due_text[16:].strip(":0123456789")
                present = dt.datetime.fromisoformat(due_text.replace("Z", "+00:00")) if exact else instant(due, zone)
                past = past or at <= present
        else:
            past = past or day <= today or bool(counts_due and day <= due.date())
        if past:
            continue
        if not lasts(parts, number, day, clock, timed, zone):
            return "end"
        return write(day, clock, due_text, zone)
    return "end"


for line in sys.stdin:
    print(answer(json.loads(line)), flush=True)
