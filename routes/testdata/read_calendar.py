"""Reads a calendar from standard input with icalendar and with vobject, and writes what both read as JSON.

Both must read the same texts. Of every VTIMEZONE the offsets are compared with those of the system's zones.
"""

import datetime as dt
import json
import sys
from zoneinfo import ZoneInfo

import icalendar
import vobject
from dateutil.rrule import rrulestr

UTC = dt.timezone.utc
HOUR = dt.timedelta(hours=1)


def onsets(observance, until):
    """When an observance begins, in UTC, and the offset that it has."""
    start, before = observance["DTSTART"].dt, observance["TZOFFSETFROM"].td
    times = [start]
    if "RRULE" in observance:
        times = rrulestr(observance["RRULE"].to_ical().decode(), dtstart=start).between(start, until, inc=True)
    return [((time - before).replace(tzinfo=UTC), observance["TZOFFSETTO"].td) for time in times]


def wrong_offsets(component):
    """Instants at which the zone of the calendar has another offset than the system's zone of its name."""
    zone = ZoneInfo(str(component["TZID"]))
    first = min(o["DTSTART"].dt for o in component.subcomponents)
    until = first + dt.timedelta(days=366 * 13)
    all_onsets = sorted(o for c in component.subcomponents for o in onsets(c, until))
    wrong = []
    at = first.replace(tzinfo=UTC) + dt.timedelta(days=2)
    while at.replace(tzinfo=None) < until:
        for instant in [at] + [o[0] + d for o in all_onsets if at <= o[0] < at + 24 * HOUR for d in (-HOUR / 60, HOUR / 60)]:
            offset = [to for begin, to in all_onsets if begin <= instant][-1]
            if offset != instant.astimezone(zone).utcoffset():
                wrong.append(f"{instant.isoformat()} {offset}")
        at += 24 * HOUR
    return wrong


def texts(component):
    categories = component.get("CATEGORIES", [])
    return {
        "summary": str(component["SUMMARY"]),
        "description": str(component.get("DESCRIPTION", "")),
        "categories": [str(c) for line in (categories if isinstance(categories, list) else [categories]) for c in line.cats],
    }


def texts_of_vobject(component):
    return {
        "summary": component.summary.value,
        "description": component.description.value if hasattr(component, "description") else "",
        "categories": [c for line in component.contents.get("categories", []) for c in line.value],
    }


def when(component, name):
    return component[name].dt.isoformat() if name in component else ""


content = sys.stdin.buffer.read()
calendar = icalendar.Calendar.from_ical(content)
items, zones = [], {}
for component in calendar.subcomponents:
    if component.errors:
        sys.exit(f"icalendar: {component.errors}")
    if component.name == "VTIMEZONE":
        zones[str(component["TZID"])] = wrong_offsets(component)
        continue
    items.append(texts(component) | {
        "kind": component.name,
        "uid": str(component["UID"]),
        "start": when(component, "DTSTART"),
        "end": when(component, "DTEND"),
        "due": when(component, "DUE"),
        "status": str(component.get("STATUS", "")),
        "rule": component["RRULE"].to_ical().decode() if "RRULE" in component else "",
    })

other = vobject.readOne(content.decode())
other.validate(raiseException=True)
for item, component in zip(items, [c for c in other.components() if c.name != "VTIMEZONE"], strict=True):
    for name, text in texts_of_vobject(component).items():
        # icalendar before version 6 reads a backslash before an n as the end of a line.
        if text != item[name] and "\\n" not in text:
            sys.exit(f"vobject reads {text!r}, icalendar {item[name]!r}")
        item[name] = text
json.dump({"items": items, "zones": zones}, sys.stdout)
